# Values, missing values, settings without a spec, and what bad input is told.
printf 'shop,x,n\n"Seoul, east",81,263\n부산,0,20\nempty,0,0\n' | sori stat wilson
printf '\xef\xbb\xbfx1,t1,x2,t2\r\n5,100,0,100\r\n\r\n0,100,0,100\r\n' | sori stat rate-ratio | cut -d, -f1-8
printf 'set,p\na,0.01\nb,0.04\na,NA\na,0.04\n' | sori stat bh
printf 'set,row,col,count,suppressed\n1,1,1,2,1\n1,1,2,9,0\n1,2,1,3,1\n1,2,2,1,1\n' | sori stat suppression-audit
{ echo series,freq,t,y,n; for t in $(seq 1 70); do echo "s,7,$t,$((t == 70 ? 40 : 5 + t * 7 % 4)),$((400 + t % 7))"; done; } |
    sori stat farrington | cut -d, -f1-3,10,12
{ echo series,t,y,n,excluded; for t in $(seq 1 30); do echo "s,$t,$((t > 15 ? 10 : 20)),500,0"; done; } >its.csv
printf 'series,T0\ns,16\n' >spec.csv
sori stat its --spec spec.csv --print fit <its.csv | cut -d, -f1-8
echo "-- errors"
printf 'x,n\n81,263\nmany,20\n' | sori stat wilson; echo $?
printf 'x,n\n81,\n' | sori stat wilson; echo $?
printf 'x,n\n30,20\n' | sori stat wilson; echo $?
printf 'x,m\n30,20\n' | sori stat wilson; echo $?
printf 'x,n\n1,2,3\n' | sori stat wilson; echo $?
printf 'x,n\n"1,2\n' | sori stat wilson; echo $?
printf 'x,x\n1,2\n' | sori stat wilson; echo $?
printf '' | sori stat wilson; echo $?
printf 'fn,a1\nqnorm,0.5\n' | sori stat special-functions; echo $?
printf 'series,t,y\ns,2,1\ns,1,1\n' | sori stat ears; echo $?
printf 'series,freq,t,y,n\ns,12,1,1,1\n' | sori stat farrington; echo $?
printf 'series,T0\nother,16\n' >spec.csv
sori stat its --spec spec.csv <its.csv; echo $?
sori stat its <its.csv; echo $?
sori stat willson </dev/null; echo $?
sori stat wilson --print fit </dev/null; echo $?
sori stat its --spec nowhere.csv <its.csv; echo $?
sori stat
