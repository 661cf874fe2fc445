/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/threads.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void add_times(pid_t pid, const char *thread, struct threads_state *state)
{
	uint64_t ran = 0, waited = 0;
	char path[320];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", (int)pid, thread);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fscanf(file, "%" SCNu64 " %" SCNu64, &ran, &waited) != 2)
		ran = waited = 0;
	fclose(file);
	state->ran_ns += ran;
	state->awake_ns += ran + waited;
}

/* QEMU names the threads that run CPUs "CPU 0/TCG" or "ALL CPUs/TCG". */
static bool runs_a_cpu(pid_t pid, const char *thread)
{
	char path[320], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/comm", (int)pid, thread);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = 0;
	fclose(file);
	return strstr(name, "/TCG");
}

/* The state letter comes after the name, which stands in parentheses. */
static bool is_runnable(pid_t pid, const char *thread)
{
	char path[320], line[256] = "";
	const char *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", (int)pid, thread);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = 0;
	fclose(file);
	end = strrchr(line, ')');
	/* D: waits for a page or the disk, T and t: was stopped, all of which is the host's doing too */
	return end && end[1] == ' ' && end[2] && strchr("RDTt", end[2]);
}

struct threads_state threads_look(pid_t pid)
{
	struct threads_state state = { 0 };
	char path[64];
	struct dirent *entry;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		/* a CPU may be waiting for another thread of QEMU's that the host lets wait */
		state.runnable |= is_runnable(pid, entry->d_name);
		if (runs_a_cpu(pid, entry->d_name))
			add_times(pid, entry->d_name, &state);
	}
	if (tasks)
		closedir(tasks);
	return state;
}
