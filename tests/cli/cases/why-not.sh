# Why a text does not count: scope, a missing member, another clause, distance, order, exclusions, letters that are no match.
sori why-not "앱이 튕기지는 않아요" app.crash
sori why-not "앱이 빨라요. 배송은 느려요" app.slow
sori why-not "billing: some problem" billing.overcharge
sori why-not "배송이 빨랐어요 010-1234-5678" delivery.delay
sori why-not "a crashpad for the modem" app.crash
sori why-not "인터넷이 끊겨요" network.outage
sori why-not "안녕하세요" app.crash
mkdir more
printf '%s\n' '@in app.slow' 'rule: n:화면 ~1 v:멈추다 id=frozen' 'rule: n:글자 > v:깨지다 id=letters' \
    'v:굼뜨다 not="n:사람" when="channel=store" id=sluggish' '@category other ko="기타" en="Other" kind=pain fallback' 'v:싫다' > more/more.dict
more="--dict=$SORI_DICT --dict=more"
sori why-not "화면이 글자와 그림을 띄우다 멈춰요" frozen $more
sori why-not "깨지는 글자" app.slow $more
sori why-not "사람이 굼떠요" sluggish $more
sori why-not "앱이 튕겨서 싫어요" other $more
sori why-not "느려요" app.slwo; echo "exit $?"
sori why-not "느려요"; echo "exit $?"
printf 'x\xff' > raw; sori why-not "$(cat raw)" app.slow; echo "exit $?"
