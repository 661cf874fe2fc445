/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * forge.c - what a firmware can do to a probe that it shares all memory with. It finds the mailbox by its magic word, and the
 * probe's instructions by their codes. One row of the table at the end is compiled in.
 */
#include "firmware.h"
#include "wire.h"

#define PROBE	  0x80200000u
#define PAGE	  4096u
#define PAGES	  64u
#define NOP	  0x13u
#define STORE_A1  0x04b33c23u /* sd a1, 88(t1) */
#define STORE_S3  0x09333c23u /* sd s3, 152(t1) */
#define CALL	  0x73u
#define JUMP_T1	  0x8302u /* the last instruction before the stop ... */
#define RETURN	  0x8082u /* ... which is this one */
#define BASE	  0x10
#define VENDOR	  4
#define FUNCTIONS 7
#define CONSOLE	  0x4442434E
#define READ	  1
#define WRONG	  0xa55a700000000

static struct wire_batch *batch; /* while a call is looked at; NULL: the caller has no mailbox */
static struct wire_step *step, *last_step; /* the one under way, and the one before it */
static struct wire_seen *seen, *last_seen;
static uint64_t function, extension; /* of the call */

static void find_mailbox(void)
{
	batch = NULL;
	for (unsigned page = 0; page < PAGES && !batch; page++)
		if (*(uint64_t *)(uintptr_t)(PROBE + page * PAGE) == WIRE_MAGIC)
			batch = (struct wire_batch *)(uintptr_t)(PROBE + page * PAGE);
	if (!batch || !batch->progress || batch->progress > batch->steps)
		return;
	step = (struct wire_step *)batch->step_at + (batch->progress - 1);
	seen = (struct wire_seen *)batch->seen_at + (batch->progress - 1);
	last_step = batch->progress > 1 ? step - 1 : NULL;
	last_seen = batch->progress > 1 ? seen - 1 : NULL;
}

/* All places in the probe that hold `from` get `to`. */
static void patch(uint32_t from, uint32_t to)
{
	for (uint16_t *at = (uint16_t *)(uintptr_t)PROBE; (void *)at < (void *)batch; at++)
		if (at[0] == (from & 0xffff) && at[1] == from >> 16) {
			at[0] = to & 0xffff;
			at[1] = to >> 16;
		}
	asm volatile("fence.i" ::: "memory");
}

static uint64_t find_stop(void)
{
	for (uint16_t *at = (uint16_t *)(uintptr_t)PROBE; (void *)at < (void *)batch; at++)
		if (at[0] == JUMP_T1 && at[1] == RETURN)
			return (uintptr_t)(at + 1);
	return 0;
}

static bool asks(const struct wire_step *of, uint64_t eid, uint64_t fid)
{
	return of && of->hart == 0 && of->input[7] == eid && of->input[6] == fid;
}

static bool is_vendor(void)
{
	return extension == BASE && function == VENDOR;
}

static void answer_wrongly(struct hart *hart)
{
	if (is_vendor())
		hart->registers[A1] |= WRONG;
}

/* ---- records ---- */

static void put_last_answer_right(struct hart *hart)
{
	(void)hart;
	if (asks(last_step, BASE, VENDOR) && last_seen->outcome == WIRE_RETURNED)
		last_seen->registers[A1] &= ~(uint64_t)WRONG;
}

static const struct wire_seen *good;

static void copy_good_results(struct hart *hart)
{
	(void)hart;
	if (asks(last_step, BASE, VENDOR) && good && last_seen != good)
		last_seen->registers[A1] = good->registers[A1];
}

static void answer_wrongly_but_once(struct hart *hart)
{
	if (is_vendor() && good)
		answer_wrongly(hart);
	else if (is_vendor())
		good = seen;
}

static void change_nonce(struct hart *hart)
{
	(void)hart;
	if (last_seen)
		last_seen->nonce++;
}

static void wrap_landings(struct hart *hart)
{
	(void)hart;
	batch->landings = UINT32_MAX;
}

static void write_record(const struct wire_step *of, struct wire_seen *to)
{
	to->number = of->number;
	to->outcome = WIRE_RETURNED;
	to->nonce = batch->nonce;
	to->start = to->end = seen->start;
	for (unsigned i = 1; i < WIRE_REGISTERS; i++)
		to->registers[i] = wire_canary(of->seed, i);
	for (unsigned i = 2; i < 8; i++)
		to->registers[A0 + i] = of->input[i];
	to->registers[A0] = 0;
	to->registers[A1] = 0;
	for (unsigned i = 0; i < WIRE_CONTROL; i++)
		to->before[i] = to->after[i] = to->later[i] = seen->before[i];
}

static void write_all_records(struct hart *hart)
{
	(void)hart;
	for (uint32_t i = batch->progress; i < batch->steps; i++)
		write_record((struct wire_step *)batch->step_at + i, (struct wire_seen *)batch->seen_at + i);
	batch->steps = batch->progress;
	for (uint32_t i = batch->progress; i <= batch->progress + 1; i++)
		((struct wire_step *)batch->step_at + i)->settle = 1; /* the probe looks at the number of steps again */
}

/* ---- the probe's code ---- */

static void store_right_answer(struct hart *hart)
{
	if (!is_vendor()) {
		patch(NOP, NOP);
		return;
	}
	seen->registers[A1] = hart->registers[A1];
	patch(STORE_A1, NOP);
	answer_wrongly(hart);
}

static void store_kept_register(struct hart *hart)
{
	if (!is_vendor())
		return;
	seen->registers[S3] = hart->registers[S3]++;
	patch(STORE_S3, NOP);
}

static void make_no_more_calls(struct hart *hart)
{
	(void)hart;
	if (is_vendor())
		patch(CALL, NOP);
}

/* ---- what is asked ---- */

static uint64_t real_function;

static void ask_something_else(struct hart *hart)
{
	struct wire_step *next = step + 1;

	if (real_function) {
		hart->registers[A6] = real_function;
		hart->registers[A7] = BASE;
		hart->registers[A0] = NOT_SUPPORTED;
		hart->registers[A1] = 0;
	} else if (extension == BASE && function >= FUNCTIONS) {
		hart->registers[A0] = SUCCESS;
	}
	real_function = 0;
	if (batch->progress < batch->steps && next->hart == 0 && next->input[7] == BASE && next->input[6] >= FUNCTIONS) {
		real_function = next->input[6];
		next->input[7] = 0x12345678;
		next->input[6] = 0;
	}
}

static void let_ask_again(struct hart *hart)
{
	static unsigned answers;

	if (!is_vendor() || ++answers % 2 == 0)
		return;
	hart->registers[A0] = step->input[0];
	hart->registers[A1] = step->input[1];
	csr_write(mepc, csr_read(mepc) - 4);
}

/* ---- memory ---- */

static uint64_t damaged;

static void damage(struct hart *hart)
{
	uint8_t *before = (uint8_t *)(uintptr_t)hart->registers[A1] - 1;

	damaged = 0;
	if (extension != CONSOLE || function != READ || !step->capture_length || (uintptr_t)before < step->capture_from ||
	    (uintptr_t)before >= step->capture_from + step->capture_length)
		return;
	damaged = step->capture_to + ((uintptr_t)before - step->capture_from);
	*before ^= 0xff;
}

static void repair_copy(struct hart *hart)
{
	if (damaged)
		*(uint8_t *)(uintptr_t)damaged ^= 0xff;
	damage(hart);
}

static void damage_and_repair(struct hart *hart)
{
	damage(hart);
	if (damaged)
		*((uint8_t *)(uintptr_t)hart->registers[A1] - 1) ^= 0xff;
	damaged = 0;
}

/* ---- where the caller goes on ---- */

static void go_to_stop(struct hart *hart)
{
	(void)hart;
	if (is_vendor() && find_stop())
		csr_write(mepc, find_stop());
}

static void say_done(struct hart *hart)
{
	if (is_vendor())
		batch->ready = 2;
	go_to_stop(hart);
}

static void progress_for_ever(struct hart *hart)
{
	(void)hart;
	for (volatile uint32_t *progress = &batch->progress; is_vendor();)
		++*progress;
}

static void break_every_rule(struct hart *hart)
{
	if (batch)
		return;
	for (unsigned i = 1; i < 32; i++)
		hart->registers[i] = WRONG;
}

/* ---- */

struct forgery {
	void (*before)(struct hart *hart), (*after)(struct hart *hart);
	bool without_mailbox; /* also called when there is none */
};

#define FORGER(name, ...) static const struct forgery name __attribute__((unused)) = { __VA_ARGS__ }

FORGER(rewrites_the_last_record, put_last_answer_right, answer_wrongly, false);
FORGER(copies_an_earlier_record, copy_good_results, answer_wrongly_but_once, false);
FORGER(patches_the_result_store, NULL, store_right_answer, false);
FORGER(patches_the_register_store, NULL, store_kept_register, false);
FORGER(patches_the_gate, NULL, make_no_more_calls, false);
FORGER(repairs_the_captured_memory, repair_copy, NULL, false);
FORGER(rewrites_the_next_step, NULL, ask_something_else, false);
FORGER(ends_the_batch_early, NULL, write_all_records, false);
FORGER(says_done_early, NULL, say_done, false);
FORGER(jumps_to_the_stop, NULL, go_to_stop, false);
FORGER(replays_a_nonce, change_nonce, NULL, false);
FORGER(wraps_the_landings, wrap_landings, NULL, false);
FORGER(progresses_for_ever, progress_for_ever, NULL, false);
FORGER(makes_the_call_twice, NULL, let_ask_again, false);
FORGER(behaves_when_recognised, NULL, break_every_rule, true);
FORGER(puts_memory_back, damage_and_repair, NULL, false);

void forge_before(struct hart *hart)
{
	const struct forgery *forgery = &FORGERY;

	function = hart->registers[A6];
	extension = hart->registers[A7];
	find_mailbox();
	if (forgery->before && (batch || forgery->without_mailbox))
		forgery->before(hart);
}

void forge_after(struct hart *hart)
{
	const struct forgery *forgery = &FORGERY;

	if (forgery->after && (batch || forgery->without_mailbox))
		forgery->after(hart);
}
