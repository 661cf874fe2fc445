/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_expr_world.h - a small world for the tests of the expression language: names, their values, memory.
 *
 *   a = 7, b = 2^64 - 1, big = 2^63 (u64)   w = 0xfffffffe (u32)   n = 200 (u8)   flag = 1 (u1)
 *   error = -2, least = -2^63 (s64)   s = -5 (s32)   tiny = -128 (s8)
 *   nothing (u64), never (bool): unknown   returned: true, trapped: false
 *   state[k] = k * 10 (u64), grid[k][l] = k * 10 + l, hsm.state[k] = k + 1   ipis[h] (u8) = h
 *   bytes: 0, 1, ... 15; before the call 15, 14, ... 0   words: the same as u32   records: { u8 kind, u24, u32 size }
 *   same: 40 bytes that did not change, 33 of them zero   lost: nothing is known
 *   CPUs 0, 1, 5
 */
#ifndef ASSAY_SPEC_TEST_EXPR_WORLD_H
#define ASSAY_SPEC_TEST_EXPR_WORLD_H

#include "spec/expr.h"

extern const struct expr_scope world_scope, world_scope_of_structure;
extern const struct expr_env world_env;

/* The value of a text that must be a good expression; the test fails if it is none. */
struct value world_integer(const char *text);
/* 'T', 'F' or '?' */
char world_truth(const char *text);
/* How often names and memory have been read so far. */
extern unsigned world_reads, world_loads;
/* "column: message" of a text that must be bad. Valid until the next call. */
const char *world_mistake(const char *text, bool wanted_bool);
/* expr_explain() of a bool expression. Valid until the next call. */
const char *world_explanation(const char *text);

#endif
