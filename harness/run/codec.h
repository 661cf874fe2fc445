/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h - how an interface's calls look on the wire of one architecture: found once, so that a call costs no search.
 */
#ifndef ASSAY_RUN_CODEC_H
#define ASSAY_RUN_CODEC_H

#include "guest/guest.h"
#include "record/record.h"
#include "run/asked.h"
#include "run/run.h"

#define GUARD 64u /* bytes of guard on each side of a buffer */

/* An entry, in numbers of the architecture. */
struct entry_code {
	const struct entry *entry;
	uint16_t gate;
	uint8_t flags; /* enum wire_flag that every call of it carries */
	uint8_t selector_count;
	uint32_t settle, deadline; /* ticks */
	uint8_t selector_input[SPEC_RESULTS], arg_input[SPEC_ARGS], result_register[SPEC_RESULTS];
	uint64_t selector[SPEC_RESULTS];
	uint32_t kept, kept_absent; /* registers to be preserved: when the call is there, and when it is not */
};

struct codec {
	const struct spec *spec;
	const struct arch *arch;
	const struct machine *machine;
	uint32_t hart_ids[RECORD_HARTS]; /* by the wire's numbers */
	uint8_t input_register[ARCH_INPUTS]; /* the register that each input is; WIRE_REGISTERS: none, the gate alone knows it */
	uint32_t input_of[WIRE_REGISTERS]; /* and back; WIRE_INPUTS: none */
	struct entry_code *codes; /* by the entry's number */
	uint16_t leave_gate;
	uint64_t leave[WIRE_INPUTS];
	struct asked_case *opening; /* the interface's `first_call`, with nominal values; NULL: none */
};

/* EXIT_USAGE when the architecture lacks a gate or register of the interface, with the place in the specification. */
struct codec *codec_new(struct arena *arena, const struct spec *spec, const struct arch *arch, const struct machine *machine,
			struct err *err);
/* What a register that is no input of the call holds before it. */
uint64_t codec_canary(const struct codec *codec, uint64_t seed, unsigned number);
/* Puts the CPU that booted first, the others behind it by id: the order of the wire. */
void codec_set_boot_hart(struct codec *codec, uint32_t boot_hart);

/* Is the case about the call that comes first? Then it has a boot of its own, and nothing comes before it. */
bool codec_opens(const struct codec *codec, const struct asked_case *asked);

/* The host's own copy of a case, in the arena. */
struct asked_case *asked_new(struct arena *arena, const struct codec *codec, const struct plan_case *plan_case);
/*
 * Lays a case out in the guest from step number `first` on. False when the guest has no room left; then the batch ends before
 * this case.
 */
bool asked_encode(struct arena *arena, const struct codec *codec, struct guest *guest, struct asked_case *asked, size_t first);

#endif
