/* The byte stream: gzip members and every kind of damage, UTF-16, hash and size of the stored file. */
#include "tests/unit/reader_fixture.h"

#include <zlib.h>

#include "pipeline/base/hash.h"

static const char dump[] = "id,text,rating\n7,slow again,1\n9,good now,5\n11,fine words,4\n";
static const char records[] = "1@15:2|slow again|1|7\n2@30:3|good now|5|9\n3@43:4|fine words|4|11\n";

/* Appends one gzip member; returns the new length. */
static size_t add_member(unsigned char *to, size_t at, size_t room, const char *text, size_t length)
{
	z_stream stream = {0};
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)text;
	stream.avail_in = (uInt)length;
	stream.next_out = to + at;
	stream.avail_out = (uInt)(room - at);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	at += stream.total_out;
	deflateEnd(&stream);
	return at;
}

static void members_are_joined(void **state)
{
	(void)state;
	unsigned char stored[2048];
	size_t length = add_member(stored, 0, sizeof stored, dump, 30);
	length = add_member(stored, length, sizeof stored, "", 0);
	length = add_member(stored, length, sizeof stored, dump + 30, sizeof dump - 1 - 30);
	expect_records_of((const char *)stored, length, NULL, records);
	struct reading reading = reading_of((const char *)stored, length, NULL, 1);
	struct sori_hash128 hash = sori_hash128(sori_view_make((const char *)stored, length), 0);
	assert_int_equal(reading.input->compression, SORI_COMPRESSION_GZIP);
	assert_int_equal(reading.input->bytes, length);
	assert_int_equal(reading.input->counts.decoded_bytes, sizeof dump - 1);
	assert_true(reading.input->hash.high == hash.high && reading.input->hash.low == hash.low);
	assert_false(reading.input->incomplete);
	reading_release(&reading);
}

static void expect_damage(const unsigned char *stored, size_t length, const char *words, const char *expected)
{
	static const size_t sizes[] = {0, 1, 7};
	for (size_t i = 0; i < 3; i++) {
		struct reading reading = reading_of((const char *)stored, length, NULL, sizes[i]);
		assert_true(reading.input->incomplete);
		assert_non_null(strstr(reading.input->problem, words));
		assert_non_null(strstr(reading.input->problem, "stored byte"));
		if (expected)
			assert_string_equal(reading.lines.at, expected);
		assert_int_equal(reading.input->bytes, length);
		reading_release(&reading);
	}
}

static void damage_keeps_what_came_before(void **state)
{
	(void)state;
	unsigned char stored[2048], changed[2048];
	size_t length = add_member(stored, 0, sizeof stored, dump, sizeof dump - 1);
	memcpy(changed, stored, length);
	changed[length - 6] ^= 1; /* checksum */
	expect_damage(changed, length, "checksum", records);
	memcpy(changed, stored, length);
	changed[length - 1] ^= 1; /* length */
	expect_damage(changed, length, "length", records);
	memcpy(changed, stored, length);
	memcpy(changed + length, "more", 4);
	expect_damage(changed, length + 4, "no gzip member", records);
	expect_damage(stored, length - 3, "cut off", records);
}

static void every_cut_is_noticed(void **state)
{
	(void)state;
	unsigned char stored[2048];
	size_t length = add_member(stored, 0, sizeof stored, dump, sizeof dump - 1);
	for (size_t cut = 2; cut < length; cut++) {
		struct reading reading = reading_of((const char *)stored, cut, NULL, 0);
		assert_true(reading.input->incomplete || reading.input->refused);
		reading_release(&reading);
	}
	for (size_t at = 10; at < length; at++) {
		stored[at] ^= 0x20;
		struct reading reading = reading_of((const char *)stored, length, NULL, 0);
		/* the last bits of the last block are padding: nothing depends on them */
		assert_true(reading.input->incomplete || reading.input->refused || strcmp(reading.lines.at, records) == 0);
		reading_release(&reading);
		stored[at] ^= 0x20;
	}
}

static void zero_padding_is_no_damage(void **state)
{
	(void)state;
	unsigned char stored[2048] = {0};
	size_t length = add_member(stored, 0, sizeof stored, dump, sizeof dump - 1);
	struct reading reading = reading_of((const char *)stored, length + 500, NULL, 0);
	assert_string_equal(reading.lines.at, records);
	assert_false(reading.input->incomplete);
	assert_non_null(strstr(reading.input->warning, "zero padding"));
	reading_release(&reading);
}

static void utf16_both_ways(void **state)
{
	(void)state;
	static const char le[] = "\xff\xfe" "i\0d\0,\0t\0e\0x\0t\0\n\0" "7\0,\0\x90\xc7x\0\n\0" "9\0,\0\x3d\xd8\x00\xde\n\0" "4\0,\0\x3d\xd8\n\0" "5\0,\0o\0k\0\n\0";
	char be[sizeof le - 1];
	for (size_t i = 0; i + 1 < sizeof le; i += 2) {
		be[i] = le[i + 1];
		be[i + 1] = le[i];
	}
	static const char expected[] = "1@11:2|자x|7\n2@18:3|😀|9\n3@25:4 !encoding\n4@31:5|ok|5\n";
	expect_records_of(le, sizeof le - 1, NULL, expected);
	expect_records_of(be, sizeof be, NULL, expected);
}

static void empty_and_binary_files(void **state)
{
	(void)state;
	struct reading reading = reading_of("", 0, NULL, 0);
	assert_false(reading.input->refused);
	assert_int_equal(reading.input->counts.seen, 0);
	reading_release(&reading);
	static const char binary[] = "\x7f" "ELF\0\0\0\1\0\0\0\0\0\0\0\xfe\xff\xff\0\0\0\0";
	reading = reading_of(binary, sizeof binary - 1, NULL, 0);
	assert_true(reading.input->refused);
	reading_release(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_joined),
		cmocka_unit_test(damage_keeps_what_came_before),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(zero_padding_is_no_damage),
		cmocka_unit_test(utf16_both_ways),
		cmocka_unit_test(empty_and_binary_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
