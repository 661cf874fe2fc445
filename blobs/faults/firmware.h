/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * firmware.h - a small SBI firmware for QEMU's virt board, and the seed of one fault at a time.
 *
 * Compiled with -DFAULT=none it conforms to SBI 3.0 in the extensions it has (Base, TIME, IPI, RFENCE, HSM, SRST, DBCN, CPPC, NACL,
 * STA, MPXY). Compiled with -DFAULT=NAME it has the one fault that NAME's row of faults.yaml describes.
 */
#ifndef ASSAY_FAULTS_FIRMWARE_H
#define ASSAY_FAULTS_FIRMWARE_H

#define HARTS_MAX  8
#define STACK_SIZE 2048
#define HART_SIZE  512 /* of struct hart, for start.S */
#define HART_STACK 256 /* offset of hart.stack_top */

#define FIRMWARE_BASE 0x80000000u
#define FIRMWARE_SIZE 0x20000u /* protected from supervisor mode; a power of two */

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_TEXT_(name) #name
#define FAULT_TEXT(name)  FAULT_TEXT_(name)
#define FAULT_IS(name)	  (!__builtin_strcmp(FAULT_TEXT(FAULT), #name))

struct hart;

/* One forgery at a time (../forgers/forge.c): before a call is looked at, and when it has been answered. */
#ifdef FORGERY
void forge_before(struct hart *hart);
void forge_after(struct hart *hart);
#else
#define forge_before(hart) (void)(hart)
#define forge_after(hart)  (void)(hart)
#endif

enum sbi_error {
	SUCCESS = 0,
	FAILED = -1,
	NOT_SUPPORTED = -2,
	INVALID_PARAM = -3,
	DENIED = -4,
	INVALID_ADDRESS = -5,
	ALREADY_AVAILABLE = -6,
	NO_SHMEM = -9,
	BAD_RANGE = -11,
};

enum hart_state { STARTED, STOPPED, START_PENDING, STOP_PENDING, SUSPENDED };

enum { RA = 1, T0 = 5, S3 = 19, A0 = 10, A1, A2, A3, A4, A5, A6, A7 }; /* indices into hart.registers */

enum { PENDING_SOFTWARE = 1, PENDING_FENCE = 2 }; /* what an interrupt between harts is for */

/* A hart. Its mscratch points here while it is outside the firmware. */
struct hart {
	uint64_t registers[32]; /* of the caller; [0] is not used */
	void *stack_top;
	uint64_t id;
	bool present;
	uint32_t state, pending;
	uint64_t start_at, start_opaque;
	uint64_t unused[26];
};

struct result {
	int64_t error;
	uint64_t value;
	bool entered; /* the registers are set already: the hart goes on somewhere else */
};

#define CSR_TEXT(csr) #csr
#define csr_read(csr)                                                                                                            \
	({                                                                                                                       \
		uint64_t v_;                                                                                                     \
		asm volatile("csrr %0, " CSR_TEXT(csr) : "=r"(v_) : : "memory");                                                 \
		v_;                                                                                                              \
	})
#define csr_write(csr, value) asm volatile("csrw " CSR_TEXT(csr) ", %0" : : "r"((uint64_t)(value)) : "memory")
#define csr_set(csr, bits)    asm volatile("csrs " CSR_TEXT(csr) ", %0" : : "r"((uint64_t)(bits)) : "memory")
#define csr_clear(csr, bits)  asm volatile("csrc " CSR_TEXT(csr) ", %0" : : "r"((uint64_t)(bits)) : "memory")

#define MSTATUS_SIE	       (1u << 1)
#define MSTATUS_SPIE	       (1u << 5)
#define MSTATUS_SPP	       (1u << 8)
#define MSTATUS_MPP	       (3u << 11)
#define MSTATUS_MPP_SUPERVISOR (1u << 11)
#define MSTATUS_FS_INITIAL     (1u << 13)
#define SUPERVISOR_SOFTWARE    (1u << 1) /* bits in mie and mip */
#define MACHINE_SOFTWARE       (1u << 3)
#define SUPERVISOR_TIMER       (1u << 5)
#define MACHINE_TIMER	       (1u << 7)
#define SUPERVISOR_INTERRUPTS  0x222u

/* setup.c */
extern struct hart harts[HARTS_MAX];
struct hart *find_hart(uint64_t id); /* NULL: no such hart */
bool caller_memory(uint64_t high, uint64_t low, uint64_t length); /* all of it is RAM outside the firmware */
void go_to(struct hart *hart, uint64_t address, uint64_t opaque); /* the hart leaves the firmware there */
void *enter(uint64_t id, const void *tree, const uint64_t *info);

/* trap.c */
void trap(struct hart *hart);
void inject_trap(struct hart *hart, uint64_t cause); /* the supervisor gets a trap at the call */

/* devices.c */
void timer_set(struct hart *hart, uint64_t time);
void signal_hart(struct hart *hart, uint32_t what);
void signal_taken(struct hart *hart);
void timer_expired(void);
void console_put(uint8_t byte);
bool console_get(uint8_t *byte);
_Noreturn void power_off(void);
_Noreturn void power_reset(void);
_Noreturn void hang(void);

/* chance.c */
uint64_t chance(void); /* another number in each batch */
void lose_the_mailbox(void); /* the caller's memory is destroyed where it hurts */

/* remote.c */
extern bool ipi_refused; /* since the machine started */

/* One function for each extension; args are a0 to a5. */
struct result base_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result time_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result ipi_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result rfence_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result hsm_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result srst_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result dbcn_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result cppc_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result nacl_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result sta_call(struct hart *hart, uint64_t function, uint64_t *args);
struct result mpxy_call(struct hart *hart, uint64_t function, uint64_t *args);
bool extension_present(uint64_t extension);
void wait_for_start(struct hart *hart); /* hsm.c: stopped until another hart starts this one */

static inline struct result result(int64_t error, uint64_t value)
{
	return (struct result){ .error = error, .value = value };
}

_Static_assert(sizeof(struct hart) == HART_SIZE && offsetof(struct hart, stack_top) == HART_STACK, "as start.S has it");

#endif
#endif
