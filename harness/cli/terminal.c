/* SPDX-License-Identifier: BSD-2-Clause */
/* terminal.c - colour, width, progress and Ctrl-C. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

#define BAR_WIDTH      28
#define REDRAW_SECONDS 0.1

volatile bool interrupted;

static void on_signal(int number)
{
	static const char again[] = "\nassay: interrupted again, leaving at once\n";

	if (interrupted) {
		ssize_t ignored = write(STDERR_FILENO, again, sizeof(again) - 1);

		(void)ignored;
		signal(number, SIG_DFL);
		raise(number);
	}
	interrupted = true;
}

void catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static unsigned columns(int fd)
{
	const char *wanted = getenv("COLUMNS");
	struct winsize size;

	if (wanted && atoi(wanted) > 0)
		return (unsigned)atoi(wanted);
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

/* https://no-color.org: set and not empty means no colour, whatever the terminal can do. */
static bool color_wanted(int fd)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(fd) && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb");
}

struct report_options terminal_options(bool verbose)
{
	return (struct report_options){
		.color = color_wanted(STDOUT_FILENO),
		.width = isatty(STDOUT_FILENO) || getenv("COLUMNS") ? columns(STDOUT_FILENO) : 0,
		.verbose = verbose,
	};
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void progress_begin(struct progress *progress, const char *what, uint64_t total)
{
	*progress = (struct progress){ .what = what, .total = total, .started = now() };
}

static void draw_bar(double share)
{
	int full = (int)(share * BAR_WIDTH + 0.5);

	for (int i = 0; i < BAR_WIDTH; i++)
		fputs(i < full ? "━" : "╌", stderr);
}

void progress_step(struct progress *progress, uint64_t done, uint64_t failures)
{
	static double drawn;
	double elapsed, time = now();

	progress->done = done;
	progress->failures = failures;
	if (!isatty(STDERR_FILENO) || time - drawn < REDRAW_SECONDS)
		return;
	drawn = time;
	elapsed = time - progress->started;
	progress->shown = true;
	fprintf(stderr, "\r\033[K%s ", progress->what);
	if (progress->total) {
		draw_bar(done < progress->total ? (double)done / (double)progress->total : 1);
		fprintf(stderr, " %llu/%llu cases", (unsigned long long)done, (unsigned long long)progress->total);
	} else {
		fprintf(stderr, "%llu cases", (unsigned long long)done);
	}
	fprintf(stderr, ", %llu failing, %.0f s", (unsigned long long)failures, elapsed);
	if (progress->total && done && done < progress->total)
		fprintf(stderr, ", about %.0f s left", elapsed * (double)(progress->total - done) / (double)done);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
