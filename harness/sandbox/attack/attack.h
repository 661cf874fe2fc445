/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox_attack.h - what the attacker and the test that lets it loose have agreed on: things in the test's jail. */
#ifndef ASSAY_SANDBOX_ATTACK_H
#define ASSAY_SANDBOX_ATTACK_H

#include <stdint.h>

#define ATTACK_HOME	"/home/user"
#define ATTACK_RUN	"/tmp/run"
#define ATTACK_ABSTRACT "assay-attack"
#define ATTACK_SECRET	"a secret of somebody else's"
#define ATTACK_JAILED	"--jailed" /* in the victim's command line */
#define ATTACK_RAM_FD	"6" /* launch.c's FD_RAM ... */
#define ATTACK_BLOB_FD	"9" /* ... and FD_BLOB */

/* NULL: it may run. Else why not. */
const char *attack_refused(uint64_t host_mount, uint64_t host_network);

#endif
