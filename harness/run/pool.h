/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool.h - guests that nobody uses right now, each with its attendant, for those who come later in the same run.
 *
 * To start QEMU, to let the blob start and to keep that moment takes thirty times as long as to come back to it. For one thread.
 */
#ifndef ASSAY_RUN_POOL_H
#define ASSAY_RUN_POOL_H

#include "run/attendant.h"

struct pool;

struct pool *pool_new(void);
void pool_free(struct pool *pool); /* and who is in it; NULL: nothing */
/*
 * One from the pool, or a new one. It belongs to the caller, who asks it to bring its guest back before anything else. All that share a
 * pool have one and the same configuration. pool NULL: always a new one.
 */
struct attendant *pool_take(struct pool *pool, const struct guest_config *config, struct err *err);
/* Gives one back, whatever has become of its guest's QEMU. pool NULL: frees it. attendant NULL: nothing. */
void pool_give(struct pool *pool, struct attendant *take_attendant);

#endif
