/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

struct symbol {
	uint64_t address, size; /* size 0: up to the next one */
	const char *name;
};

struct symbols {
	struct arena *arena;
	struct symbol *list; /* by address */
	size_t count, room;
	uint64_t end; /* of what the file has in memory */
};

static Elf *open_elf(const char *path, int *fd)
{
	Elf *elf = NULL;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	elf_version(EV_CURRENT);
	if (*fd >= 0)
		elf = elf_begin(*fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	elf_end(elf);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return NULL;
}

static int read_extent(Elf *elf, uint64_t *low, uint64_t *end)
{
	size_t count = 0;

	*low = UINT64_MAX;
	*end = 0;
	if (elf_getphdrnum(elf, &count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD || !header.p_memsz)
			continue;
		*low = header.p_vaddr < *low ? header.p_vaddr : *low;
		*end = header.p_vaddr + header.p_memsz > *end ? header.p_vaddr + header.p_memsz : *end;
	}
	return *low < *end ? 0 : -1;
}

/* Mapping symbols ("$x") and local labels name no function. */
static int names_code(const GElf_Sym *symbol, const char *name)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	return name && *name && *name != '$' && *name != '.' && symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
	       (type == STT_FUNC || type == STT_NOTYPE);
}

static void add_symbol(struct symbols *symbols, const GElf_Sym *symbol, const char *name, uint64_t moved)
{
	if (symbols->count == symbols->room) {
		symbols->room = symbols->room ? 2 * symbols->room : 256;
		symbols->list = xrealloc(symbols->list, symbols->room * sizeof(*symbols->list));
	}
	symbols->list[symbols->count++] =
		(struct symbol){ symbol->st_value + moved, symbol->st_size, arena_strdup(symbols->arena, name) };
}

static void read_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, uint64_t moved, struct symbols *symbols)
{
	Elf_Data *data = elf_getdata(section, NULL);

	for (size_t i = 0; data && header->sh_entsize && i < header->sh_size / header->sh_entsize; i++) {
		GElf_Sym symbol;
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol))
			break;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (names_code(&symbol, name))
			add_symbol(symbols, &symbol, name, moved);
	}
}

/* Of several at one address the one with a size comes last, and is found. */
static int by_address(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return strcmp(b->name, a->name);
}

struct symbols *symbols_new(const char *path, uint64_t load_at, struct err *err)
{
	struct symbols *symbols;
	Elf_Scn *section = NULL;
	uint64_t low, end;
	int fd;
	Elf *elf = open_elf(path, &fd);

	if (!elf)
		return err_null(err, EXIT_USAGE, "%s: is no ELF file with symbols", path);
	symbols = xcalloc(1, sizeof(*symbols));
	symbols->arena = arena_new();
	if (!read_extent(elf, &low, &end)) {
		symbols->end = end + (load_at - low);
		while ((section = elf_nextscn(elf, section))) {
			GElf_Shdr header;

			if (gelf_getshdr(section, &header) && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
				read_section(elf, section, &header, load_at - low, symbols);
		}
	}
	if (symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list), by_address);
	elf_end(elf);
	close(fd);
	return symbols;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	arena_free(symbols->arena);
	free(symbols->list);
	free(symbols);
}

const char *symbols_find(const struct symbols *symbols, uint64_t address, uint64_t *offset)
{
	size_t low = 0, high = symbols ? symbols->count : 0;
	const struct symbol *found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address >= symbols->end)
		return NULL;
	found = &symbols->list[low - 1];
	*offset = address - found->address;
	return found->size && *offset >= found->size ? NULL : found->name;
}

int symbols_moved(const char *path, uint64_t load_at, uint64_t *moved)
{
	uint64_t low, end;
	int fd, failed;
	Elf *elf = open_elf(path, &fd);

	if (!elf)
		return -1;
	failed = read_extent(elf, &low, &end);
	*moved = load_at - low;
	elf_end(elf);
	close(fd);
	return failed;
}
