/* SPDX-License-Identifier: BSD-2-Clause */
/* universal.h - what the files with universal rules share. */
#ifndef ASSAY_JUDGE_UNIVERSAL_H
#define ASSAY_JUDGE_UNIVERSAL_H

#include "judge/private.h"

/* Two texts of limited size that are written piece by piece. */
struct words {
	char *expected, *got;
	size_t expected_size, got_size;
};

void text_add(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define expect(words, ...) text_add((words)->expected, (words)->expected_size, __VA_ARGS__)
#define got(words, ...)	   text_add((words)->got, (words)->got_size, __VA_ARGS__)

static inline enum verdict pass_if(bool good)
{
	return good ? VERDICT_PASS : VERDICT_FAIL;
}

enum verdict judge_guard_zones(const struct world *world);
void words_guard_zones(const struct world *world, struct words *words);
enum verdict judge_declared_writes(const struct world *world);
void words_declared_writes(const struct world *world, struct words *words);

#endif
