/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/attendant.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

#define WAIT_MS 1000u

struct attendant {
	struct guest *guest;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	bool asked, stop;
	int result; /* of the last reset */
	struct err err;
};

static void *attend(void *context)
{
	struct attendant *attendant = context;

	pthread_mutex_lock(&attendant->lock);
	while (!attendant->stop) {
		struct err err = { 0 };
		int result;

		if (!attendant->asked) {
			pthread_cond_wait(&attendant->changed, &attendant->lock);
			continue;
		}
		pthread_mutex_unlock(&attendant->lock);
		result = guest_reset(attendant->guest, &err);
		pthread_mutex_lock(&attendant->lock);
		attendant->result = result;
		attendant->err = err;
		attendant->asked = false;
		pthread_cond_broadcast(&attendant->changed);
	}
	pthread_mutex_unlock(&attendant->lock);
	return NULL;
}

struct attendant *attendant_new(const struct guest_config *config, struct err *err)
{
	struct guest *guest = guest_new(config, err);
	struct attendant *attendant;
	int failed;

	if (!guest)
		return NULL;
	attendant = xcalloc(1, sizeof(*attendant));
	attendant->guest = guest;
	pthread_mutex_init(&attendant->lock, NULL);
	clock_cond_init(&attendant->changed);
	failed = pthread_create(&attendant->thread, NULL, attend, attendant);
	if (!failed)
		return attendant;
	guest_free(guest);
	free(attendant);
	return err_null(err, EXIT_BROKEN, "no thread to attend to a guest: %s", strerror(failed));
}

void attendant_free(struct attendant *attendant)
{
	if (!attendant)
		return;
	pthread_mutex_lock(&attendant->lock);
	attendant->stop = true;
	pthread_cond_broadcast(&attendant->changed);
	pthread_mutex_unlock(&attendant->lock);
	pthread_join(attendant->thread, NULL);
	pthread_cond_destroy(&attendant->changed);
	pthread_mutex_destroy(&attendant->lock);
	guest_free(attendant->guest);
	free(attendant);
}

struct guest *attendant_guest(struct attendant *attendant)
{
	return attendant->guest;
}

void attendant_ask(struct attendant *attendant)
{
	pthread_mutex_lock(&attendant->lock);
	attendant->asked = true;
	pthread_cond_broadcast(&attendant->changed);
	pthread_mutex_unlock(&attendant->lock);
}

int attendant_done(struct attendant *attendant, unsigned wait_ms, bool *done, struct err *err)
{
	const struct timespec end = clock_in(wait_ms);
	int result;

	pthread_mutex_lock(&attendant->lock);
	while (wait_ms && attendant->asked)
		if (pthread_cond_timedwait(&attendant->changed, &attendant->lock, &end) == ETIMEDOUT)
			break;
	*done = !attendant->asked;
	result = *done ? attendant->result : 0;
	if (result)
		*err = attendant->err;
	pthread_mutex_unlock(&attendant->lock);
	return result;
}

int attendant_wait(struct attendant *attendant, struct err *err)
{
	bool done = false;

	while (!done)
		if (attendant_done(attendant, WAIT_MS, &done, err))
			return -1;
	return 0;
}
