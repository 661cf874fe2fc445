/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace.h - the instructions of one call, out of QEMU's log.
 *
 * The log is text of any length; what is kept is bounded. A loop is kept once, with how often it was repeated; when that is not
 * enough, the beginning and the end are kept.
 */
#ifndef ASSAY_GUEST_TRACE_H
#define ASSAY_GUEST_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "guest/symbols.h"

struct trace;

enum trace_state {
	TRACE_BEFORE, /* the call has not been made */
	TRACE_INSIDE, /* it has not come back */
	TRACE_RETURNED, /* to the instruction behind it */
	TRACE_FULL, /* `limit` instructions, and it has not come back */
	TRACE_STILL, /* its CPU executes nothing any more, while others go on */
};

/* gate: address of the instruction that makes the call. Whichever CPU comes there first is the one that is traced. */
struct trace *trace_new(uint64_t gate, uint64_t limit);
void trace_free(struct trace *trace);

/* Takes a piece of the log. */
void trace_feed(struct trace *trace, const char *text, size_t size);
enum trace_state trace_state(const struct trace *trace);
uint64_t trace_count(const struct trace *trace); /* instructions, the one that makes the call included */

/* Two lines at most for each thing kept: number, address, symbol, instruction, and the registers that it changed. */
void trace_print(const struct trace *trace, const struct symbols *symbols, FILE *out);

#endif
