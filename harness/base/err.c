/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"

#include <stdio.h>

int err_setv(struct err *err, enum exit_code code, const char *format, va_list args)
{
	if (err) {
		err->code = code;
		vsnprintf(err->message, sizeof(err->message), format, args);
	}
	return -1;
}

int err_set(struct err *err, enum exit_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	err_setv(err, code, format, args);
	va_end(args);
	return -1;
}

void err_clear(struct err *err)
{
	*err = (struct err){ 0 };
}
