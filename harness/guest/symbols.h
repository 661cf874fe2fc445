/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.h - names for addresses, from an ELF file that belongs to a blob. */
#ifndef ASSAY_GUEST_SYMBOLS_H
#define ASSAY_GUEST_SYMBOLS_H

#include <stdint.h>

#include "base/err.h"

struct symbols;

/* The file's lowest address is taken to lie at `load_at`. A file without any symbol is no error. */
struct symbols *symbols_new(const char *path, uint64_t load_at, struct err *err);
void symbols_free(struct symbols *symbols);
/* The symbol that an address belongs to, and how far into it; NULL: none. symbols may be NULL. */
const char *symbols_find(const struct symbols *symbols, uint64_t address, uint64_t *offset);
/* How much higher the file lies in memory than it says: load_at minus its lowest address. -1: it is no ELF file. */
int symbols_moved(const char *path, uint64_t load_at, uint64_t *moved);

#endif
