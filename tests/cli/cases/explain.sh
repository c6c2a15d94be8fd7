sori explain "인터넷이 자꾸 끊겨요" "끊김 없이 잘 돼요" "배송은 느렸지만 기사님은 친절하셨어요"
sori explain "the app keeps crashing" "no problems with billing"
sori explain "홍길동 고객님 010-1234-5678 로 연락 주세요"
