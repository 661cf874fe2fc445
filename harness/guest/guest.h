/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest.h - one QEMU process that executes batches of calls.
 *
 * The guest moves bytes. It knows neither spec nor verdict. Life of a batch:
 *
 *     guest_reset()                    a guest in which the blob has just started the probe, stopped; batch memory empty
 *     guest_alloc(), guest_step()      the caller lays out buffers and steps in guest RAM
 *     guest_go()                       the guest runs
 *     guest_wait() or guest_poll() ... until the batch is done, or something ended it
 *     guest_seen(), guest_landing()    copies of what the probe saw
 *
 * The blob starts once. What the machine is when the probe comes up is kept, and guest_reset() goes back to it, in the same QEMU
 * as long as that lives. Inside a batch the guest's time does not depend on the host: with `icount` the same batch makes the same
 * instructions at the same times.
 */
#ifndef ASSAY_GUEST_GUEST_H
#define ASSAY_GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "guest/arch.h"
#include "guest/blob.h"
#include "sandbox/sandbox.h"
#include "wire.h"

struct guest;

struct guest_config {
	const struct blob *blob;
	const struct arch *arch;
	const char *probe; /* the architecture's probe, an ELF file */
	const char *stopper; /* our plugin for QEMU; NULL: a breakpoint has to do, and QEMU's own view is not to be had */
	const char
		*directory; /* an existing directory for the RAM file and the console log; removed files leave nothing behind */
	bool icount; /* deterministic guest time, which takes an accelerator of QEMU's that knows it (machine->accelerator) */
	uint64_t hang_ns; /* guest time without progress that counts as a hang, unless the step's own deadline is longer */
	uint64_t stuck_ms; /* host time without any answer from QEMU after which it is ours (BROKEN) */
	uint64_t console_max; /* bytes of console kept per batch; the rest is counted and dropped */
	enum sandbox_policy sandbox; /* default: all of it or nothing */
	const volatile bool *interrupt; /* true: whatever QEMU is waited for is given up. NULL: never */
	bool gdb; /* with a socket for a debugger in `directory`, see debug.h */
	bool trace; /* with a pipe for QEMU's log, see debug.h */
};

struct guest *guest_new(const struct guest_config *config, struct err *err);
void guest_free(struct guest *guest); /* ends QEMU (SIGKILL), waits for it, removes its files */

/* Starts QEMU in the background if none is there, so that guest_reset() need not wait for all of it. Optional. */
int guest_start(struct guest *guest, struct err *err);
/* How often QEMU may be killed from outside at one and the same thing before that is an error. */
#define GUEST_KILLED_MAX 5u
int guest_killed_too_often(const struct guest *guest, struct err *err); /* says so; -1 */

/*
 * A guest in which the blob has just started the probe. Steps, buffers and landings of the last batch are gone. A blob that did not
 * come to the probe is no error here: guest_wait() then tells how it ended.
 */
int guest_reset(struct guest *guest, struct err *err);

/* How many steps a batch can hold at most. */
size_t guest_capacity(const struct guest *guest);
/* The step with this number, zeroed, to be filled in. Numbers must be used in order. NULL when the batch is full. */
struct wire_step *guest_step(struct guest *guest, size_t number);
/*
 * Memory for a buffer: size bytes, address aligned to align (a power of two). *address is the guest's physical address. The
 * pointer is valid until the next reset. NULL when the batch has no room left.
 */
void *guest_alloc(struct guest *guest, size_t size, size_t align, uint64_t *address);
/* A pointer to guest memory the caller allocated, or NULL when the range is not inside the batch's memory. */
const void *guest_memory(const struct guest *guest, uint64_t address, size_t size);
/* All of RAM as it is now, from *base on. Between a reset and guest_go(): as the blob has left it when it came to the probe. */
const uint8_t *guest_ram(const struct guest *guest, uint64_t *base, size_t *size);
/* The address of a pad; 0: no such pad. */
uint64_t guest_pad(const struct guest *guest, const char *name);
/* The call with which the pad `handler` leaves. */
void guest_leave(struct guest *guest, uint16_t gate, const uint64_t inputs[WIRE_INPUTS]);

/* Where the blob is, known when the probe has come up; 0: the machine's firmware has put it nowhere. */
uint64_t guest_blob_at(const struct guest *guest);
/* Memory that belongs to the caller: [low, high] of the probe and the batch. */
struct address_range guest_own_memory(const struct guest *guest);

/* For the batch that is laid out: other guest time without progress than the configuration's that counts as a hang. */
void guest_patience(struct guest *guest, uint64_t hang_ns);
int guest_go(struct guest *guest, size_t steps, struct err *err);

enum guest_end {
	GUEST_RUNNING, /* nothing to tell */
	GUEST_DONE, /* the probe finished the batch */
	GUEST_SYNC, /* the step in *step waits: before or after its call; guest_continue() lets it go on */
	GUEST_CALL, /* a CPU is about to make the call that guest_hold_at() named; guest_continue() lets it go on */
	GUEST_BACK, /* a CPU has come back from such a call and has done nothing since; likewise */
	GUEST_SHUTDOWN, /* the machine was switched off */
	GUEST_RESET, /* the machine was reset */
	GUEST_CRASH, /* QEMU ended, or the CPU was lost (panic, triple fault) */
	GUEST_HANG, /* no progress for hang_ns of guest time, or none at all to come: every CPU asleep for good, or it only traps */
	GUEST_FLOOD, /* no progress, but as many console bytes as are kept */
	GUEST_KILLED, /* somebody killed QEMU from outside: what was seen counts for nothing, and the batch is to be run again */
	GUEST_STUCK, /* no answer from QEMU for stuck_ms of host time: our fault until shown otherwise */
	GUEST_INTERRUPTED, /* *interrupt became true */
};

/* Looks, and does not wait. *step is the step the probe was executing (the first one that was not finished). */
enum guest_end guest_poll(struct guest *guest, size_t *step, struct err *err);
/* Sleeps until something arrives from one of the guests, but never for long: their watchdogs want to look. */
#define GUEST_AWAIT_MAX 32u
void guest_await(struct guest *const *guests, size_t count);
/* Both, until there is something to tell. */
enum guest_end guest_wait(struct guest *guest, const volatile bool *interrupt, size_t *step, struct err *err);
int guest_continue(struct guest *guest, struct err *err);
/* Stops a machine that runs: nobody waits for its end. What it has done so far can be read. */
void guest_stop(struct guest *guest);

/*
 * After the batch: false when its memory does not hold what only the probe can have written there. Then nothing in it is to be
 * believed.
 */
bool guest_is_sound(const struct guest *guest);
/* Copies of what the probe wrote; bounds-checked, consistent only after the batch ended or at a sync. */
void guest_seen(const struct guest *guest, size_t number, struct wire_seen *seen);
uint16_t guest_outcome(const struct guest *guest, size_t number); /* the same, of the outcome alone */
size_t guest_landings(const struct guest *guest);
void guest_landing(const struct guest *guest, size_t number, struct wire_landing *landing);
void guest_batch(const struct guest *guest, struct wire_batch *batch);

/*
 * What QEMU saw, which the blob can neither change nor notice. To be believed when the guest's memory is not.
 * guest_hold_at(): the machine is to be held before and after the call with this number, from 1: in the order in which calls are
 * made by all CPUs of the batch. 0: none. To be said after the reset, and again when the guest is held.
 */
struct guest_witness {
	uint64_t calls[WIRE_HARTS]; /* how often each CPU (as in wire_step) came to the instruction that makes a call */
	uint64_t foreign,
		foreign_at; /* instructions translated in the probe's code that are not the probe's; the first's address */
};
bool guest_has_witness(const struct guest *guest); /* else all of that is 0, and nobody is ever held at a call */
void guest_hold_at(struct guest *guest, uint64_t call);
/* At GUEST_CALL and GUEST_BACK: of the CPU that is held, in the order of the architecture's `registers`. */
int guest_registers(struct guest *guest, uint64_t registers[WIRE_REGISTERS], struct err *err);
/* The same without waiting. 1: here they are. 0: QEMU has not answered; guest_poll() tells of the same call again. -1: err. */
int guest_look(struct guest *guest, uint64_t registers[WIRE_REGISTERS], struct err *err);
unsigned guest_held_hart(const struct guest *guest); /* the CPU, as in wire_step */
void guest_witness(const struct guest *guest, struct guest_witness *witness);

/* Console bytes since the reset. */
size_t guest_console(const struct guest *guest, const uint8_t **bytes, uint64_t *total);
/*
 * At a sync: what the machine's serial line takes of the bytes has arrived when this returns. The rest waits, until it is taken
 * back: it should be, for when it arrives depends on the host.
 */
int guest_console_feed(struct guest *guest, const void *bytes, size_t size, struct err *err);
void guest_console_take_back(struct guest *guest);

const char *guest_qemu_version(const struct guest *guest);
/* The program that runs, when it has been started: an absolute path, which lives as long as the process. */
const char *guest_qemu_program(const struct guest *guest);
/* What machine a guest with this configuration is, in QEMU's own words, the blob and the probe by these names. In the arena. */
const char *guest_machine_words(const struct guest_config *config, struct arena *arena);
/* The layers of the sandbox that hold it, in a buffer of SANDBOX_NAMES_SIZE, which is returned. */
const char *guest_sandbox(const struct guest *guest, char *names);

#endif
