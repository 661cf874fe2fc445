/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stub.h - how C gets to a gate: an architecture's stubs.yaml (probes/arch/), a mapping of gates.
 *
 *   condition  of the preprocessor: this compiler makes code for the architecture
 *   word       bits of a register
 *   registers  those that a stub can load, read, or tell the compiler that they change
 *   clobbers   what else every call changes, as the compiler calls it
 *   call       the instruction; "%[frame]" is the address of an array of words: the target, then the words on the stack
 *   target     a C expression over the parts of the selector that are no registers and over `given`
 *   given      what the caller has to say besides arguments: words
 *   push, pop  how a word at {offset} of the frame gets on the stack, and {bytes} of them off it again
 *   only       what a part of the selector has to be: other calls are not expressible
 */
#ifndef ASSAY_DOC_STUB_H
#define ASSAY_DOC_STUB_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define STUB_REGISTERS 32
#define STUB_WORDS     4

struct gate_stub {
	const char *condition, *call, *target, *push, *pop, *only; /* NULL: not said, but for the first two */
	uint64_t only_value;
	unsigned word;
	size_t register_count, clobber_count, given_count;
	const char *registers[STUB_REGISTERS], *clobbers[STUB_WORDS], *given[STUB_WORDS];
};

/* The stub of a gate out of a stubs.yaml, from the arena. NULL with err.code 0: there is no such file, or no such gate in it. */
const struct gate_stub *stub_load(struct arena *arena, const char *path, const char *gate, struct err *err);

#endif
