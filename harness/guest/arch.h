/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch.h - what the host must know of an architecture's probe: the content of probes/arch/<arch>/arch.yaml.
 */
#ifndef ASSAY_GUEST_ARCH_H
#define ASSAY_GUEST_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "wire.h"

#define ARCH_NAMES  8 /* gates, pads */
#define ARCH_INPUTS (2 * WIRE_INPUTS) /* see wire.h: the second half of them are parameters in upper halves of words */

struct arch_name {
	const char *name;
	uint16_t number; /* on the wire */
};

struct arch {
	const char *name;
	unsigned word; /* bits */
	bool big_endian;
	size_t input_count, register_count, control_count, gate_count, pad_count;
	uint64_t word_mask; /* the bits of a word */
	const char *inputs[ARCH_INPUTS]; /* one that is no register is the gate's affair, and 0 unless asked for */
	bool relative[ARCH_INPUTS]; /* an offset into the blob: its address is added */
	const char *registers[WIRE_REGISTERS];
	bool constant[WIRE_REGISTERS], unchecked[WIRE_REGISTERS];
	bool late[WIRE_REGISTERS]; /* QEMU's view of it at the gate is not to be relied on */
	bool beside
		[WIRE_REGISTERS]; /* memory beside the call that is seen like a register, and the caller's whatever an interface says */
	bool fixed[WIRE_REGISTERS]; /* holds fixed_value before every call, for the probe needs it */
	uint64_t fixed_value[WIRE_REGISTERS];
	uint64_t register_mask[WIRE_REGISTERS]; /* bits that a canary can be put in and a callee has to keep */
	const char *monitor[WIRE_REGISTERS]; /* its name in what QEMU's monitor prints; NULL: it is not there */
	const char *control[WIRE_CONTROL];
	uint64_t control_mask[WIRE_CONTROL]; /* all ones unless arch.yaml says otherwise */
	struct arch_name gates[ARCH_NAMES], pads[ARCH_NAMES];
	const char *gdb_into; /* what gdb is told at a gate to stop at the firmware's first instruction; NULL: `stepi` does it */
};

/* Reads DIRECTORY/arch.yaml. Lives in the arena. */
const struct arch *arch_load(struct arena *arena, const char *directory, struct err *err);

/* Indices into the arrays above, -1 when there is no such name. */
int arch_input(const struct arch *arch, const char *name);
int arch_register(const struct arch *arch, const char *name);
int arch_control(const struct arch *arch, const char *name);
int arch_gate(const struct arch *arch, const char *name); /* the gate's number on the wire */
int arch_pad(const struct arch *arch, const char *name);

#endif
