/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asked.h - what was asked: the host's own copy of a case. A plan's case is gone when the next one is made, and guest RAM is
 * shared with the blob; what is recorded and run again comes from here.
 */
#ifndef ASSAY_RUN_ASKED_H
#define ASSAY_RUN_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asked_arg {
	uint64_t literal;
	uint64_t passed; /* with the address that it got in the guest */
	uint8_t source; /* enum value_source */
	uint8_t step, index; /* RESULT: step and result; BUFFER: step and buffer; PAD: index into the architecture's pads */
};

struct asked_buffer {
	const uint8_t *content; /* NULL: the guard pattern */
	size_t size, align, misalign;
	size_t offset; /* of the buffer in the step's memory */
	uint64_t address;
};

struct asked_step {
	const struct entry_code *code;
	uint64_t seed;
	uint8_t hart, arg_count, buffer_count;
	uint8_t lender; /* the step whose memory this one uses: itself, or one whose buffer it was handed */
	bool async, join;
	bool listen; /* the host looks at the console before and after it */
	bool watched; /* somebody looks at it from close by (lane_watcher) */
	bool risky; /* hands out an address where no CPU should go: when the call succeeds, the guest is lost */
	struct asked_arg *args;
	struct asked_buffer *buffers;
	/* memory of all its buffers, guards included, and where the probe copies it after the call */
	uint8_t *before;
	uint64_t from, to;
	size_t length;
};

struct asked_case {
	const char *id, *strategy, *rule;
	bool ends_guest;
	uint8_t step_count, main;
	uint32_t first; /* number of its first step in the batch it is laid out in */
	struct asked_step *steps;
};

#endif
