/* SPDX-License-Identifier: BSD-2-Clause */
/* test_rom.h - the calls of test_rom.S, for both of its sides. */
#define CALL_BYTES 64
#define ROM_BYTES  2048

#define NOTHING		 1
#define EVERY_REGISTER	 2
#define STACK_WORDS	 3
#define NO_SEGMENTS	 4
#define FLAGS		 5
#define BEHIND_ARGUMENTS 6
#define UNDEFINED	 7
#define NO_MEMORY	 8
#define NO_STACK	 9
#define STACK_OFF	 10
#define TASK_SWITCHED	 11
#define INTERRUPT_RETURN 12
#define SYSTEM_EXIT	 13
#define TRIPLE_FAULT	 14
#define HALT		 15
#define HALT_FOR_GOOD	 16
#define ROUND		 17
#define RESET		 18
#define POWER_OFF	 19
#define NO_TABLES	 20
#define START_OTHER	 21
#define ALARM		 25

#define OTHER_AT 0x8000 /* where START_OTHER puts what the other CPU begins with */
