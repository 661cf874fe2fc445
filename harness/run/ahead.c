/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define STRETCH_FIRST 16384u /* steps; doubled from stretch to stretch, so that every lane has work soon */
#define STRETCH_MAX   32768u /* steps; more would cost memory and save little: what was asked is kept until it is handed on */
#define READY_MAX     256u /* stretches that wait to be taken, */
#define READY_STEPS   STRETCH_MAX /* and their steps together, unless it is a single one */

struct ahead {
	const struct codec *codec;
	struct case_source source;
	size_t capacity, cases, steps; /* steps: of the next stretch */
	atomic_bool stop;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	struct stretch *ready[READY_MAX];
	unsigned count;
	size_t ready_steps;
	bool exhausted;
};

static const struct plan_case *next_unless_stopped(void *context)
{
	struct ahead *ahead = context;

	return atomic_load(&ahead->stop) ? NULL : ahead->source.next(ahead->source.context);
}

static struct stretch *cut(struct ahead *ahead)
{
	const struct case_source source = { next_unless_stopped, ahead };
	size_t steps = ahead->steps < ahead->capacity ? ahead->steps : ahead->capacity;

	ahead->steps = 2 * steps < STRETCH_MAX ? 2 * steps : STRETCH_MAX;
	return stretch_new(ahead->codec, source, steps, ahead->cases);
}

/* Small stretches are made by the dozen before one that takes long to plan; there is no need to stop there. */
static bool has_room(const struct ahead *ahead, size_t steps)
{
	return !ahead->count || (ahead->count < READY_MAX && ahead->ready_steps + steps <= READY_STEPS);
}

static void put(struct ahead *ahead, struct stretch *stretch)
{
	pthread_mutex_lock(&ahead->lock);
	while (stretch && !has_room(ahead, stretch->steps) && !atomic_load(&ahead->stop))
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	if (stretch && ahead->count < READY_MAX) {
		ahead->ready[ahead->count++] = stretch;
		ahead->ready_steps += stretch->steps;
	} else if (stretch) {
		stretch_free(stretch);
	}
	ahead->exhausted = !stretch;
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
}

static void *make(void *context)
{
	struct ahead *ahead = context;
	struct stretch *stretch;

	do {
		stretch = cut(ahead);
		put(ahead, stretch);
	} while (stretch);
	return NULL;
}

struct ahead *ahead_new(const struct codec *codec, struct case_source source, size_t capacity, size_t cases, struct err *err)
{
	struct ahead *ahead = xcalloc(1, sizeof(*ahead));
	int failed;

	ahead->codec = codec;
	ahead->source = source;
	ahead->capacity = capacity;
	ahead->cases = cases;
	ahead->steps = STRETCH_FIRST;
	pthread_mutex_init(&ahead->lock, NULL);
	clock_cond_init(&ahead->changed);
	failed = pthread_create(&ahead->thread, NULL, make, ahead);
	if (!failed)
		return ahead;
	free(ahead);
	return err_null(err, EXIT_BROKEN, "no thread to make the plan on: %s", strerror(failed));
}

void ahead_free(struct ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	atomic_store(&ahead->stop, true);
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	for (unsigned i = 0; i < ahead->count; i++)
		stretch_free(ahead->ready[i]);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}

enum ahead_news ahead_take(struct ahead *ahead, unsigned wait_ms, struct stretch **stretch)
{
	const struct timespec end = clock_in(wait_ms);
	enum ahead_news news = AHEAD_READY;

	*stretch = NULL;
	pthread_mutex_lock(&ahead->lock);
	while (wait_ms && !ahead->count && !ahead->exhausted)
		if (pthread_cond_timedwait(&ahead->changed, &ahead->lock, &end) == ETIMEDOUT)
			break;
	if (ahead->count) {
		*stretch = ahead->ready[0];
		ahead->ready_steps -= (*stretch)->steps;
		memmove(ahead->ready, ahead->ready + 1, --ahead->count * sizeof(*ahead->ready));
		pthread_cond_broadcast(&ahead->changed);
	} else {
		news = ahead->exhausted ? AHEAD_NO_MORE : AHEAD_LATER;
	}
	pthread_mutex_unlock(&ahead->lock);
	return news;
}
