printf '%s\n' '{"id":1,"text":"제 번호는 010-1234-5678 입니다","n":{"text":"010-1234-5678"}}' | sori redact
printf '%s\n' '메일은 kim@example.com, 계좌는 국민은행 123456-01-234567' '가격은 1,234,567원' | sori redact --plain
