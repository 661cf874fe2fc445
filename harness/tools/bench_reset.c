/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_reset.c - for bench.py: how long a guest takes until its next call is answered, when it is reset, and when QEMU and the
 * blob are started anew behind all walls. Prints the two medians in milliseconds.
 *
 *     bench_reset RAM_MIB
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "base/clock.h"
#include "guest/internal.h"

#define RESETS 200
#define STARTS 15

/* One call of the first function of the interface, whatever it is: answered is answered. */
static int call_once(struct guest *guest, const struct arch *arch, struct err *err)
{
	struct wire_step *step = guest_step(guest, 0);
	size_t number;

	step->gate = arch->gates[0].number;
	step->seed = 1;
	step->input[arch_input(arch, "a7")] = 0x10;
	if (guest_go(guest, 1, err))
		return -1;
	return guest_wait(guest, NULL, &number, err) == GUEST_DONE ? 0 : err_set(err, EXIT_BROKEN, "no answer");
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Median of `times` rounds, each from the reset to the end of the call. */
static double median_ms(struct guest *guest, const struct arch *arch, unsigned times, bool anew, struct err *err)
{
	static double took[RESETS];

	for (unsigned i = 0; i < times; i++) {
		uint64_t begun;

		if (anew)
			guest_kill(guest);
		begun = clock_ns();
		if (guest_reset(guest, err) || call_once(guest, arch, err))
			return -1;
		took[i] = (double)(clock_ns() - begun) / 1e6;
	}
	qsort(took, times, sizeof(took[0]), by_size);
	return took[times / 2];
}

int main(int argc, char **argv)
{
	const struct plan_request request = { 0 };
	struct subject subject;
	struct err err = { 0 };
	double reset, start;

	if (argc != 2 || subject_find(&subject, &request))
		return EXIT_USAGE;
	struct machine machine = *subject.blob->machine;
	struct blob blob = *subject.blob;
	const struct guest_config config = { .blob = &blob,
					     .arch = subject.arch,
					     .probe = subject.probe,
					     .stopper = subject.stopper,
					     .directory = ".",
					     .icount = true,
					     .hang_ns = 10000000,
					     .stuck_ms = 20000,
					     .console_max = 1u << 20 };
	machine.ram_size = strtoull(argv[1], NULL, 10) << 20;
	blob.machine = &machine;

	struct guest *guest = guest_new(&config, &err);
	if (!guest || (start = median_ms(guest, subject.arch, STARTS, true, &err)) < 0 ||
	    (reset = median_ms(guest, subject.arch, RESETS, false, &err)) < 0)
		return complain(&err);
	printf("%.3f %.3f\n", reset, start);
	guest_free(guest);
	subject_free(&subject);
	return 0;
}
