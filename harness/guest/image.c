/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"

static int read_segments(Elf *elf, struct image *image)
{
	size_t count = 0;

	image->low = UINT64_MAX;
	if (elf_getphdrnum(elf, &count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD || !header.p_memsz)
			continue;
		if (header.p_paddr < image->low)
			image->low = header.p_paddr;
		if (header.p_paddr + header.p_memsz - 1 > image->high)
			image->high = header.p_paddr + header.p_memsz - 1;
	}
	return image->low <= image->high ? 0 : -1;
}

static void take_gate(const struct arch *arch, unsigned number, unsigned hart, uint64_t value, uint64_t to[][WIRE_HARTS])
{
	for (size_t i = 0; i < arch->gate_count && hart < WIRE_HARTS; i++)
		if (arch->gates[i].number == number)
			to[i][hart] = value;
}

static void take_fixed(const struct arch *arch, const char *name, uint64_t value, struct image *image)
{
	static const char prefix[] = "wire_fixed_";
	int number = strncmp(name, prefix, strlen(prefix)) ? -1 : arch_register(arch, name + strlen(prefix));

	if (number >= 0)
		image->fixed[number] = value;
}

static void take_symbol(const struct arch *arch, const char *name, const GElf_Sym *symbol, struct image *image)
{
	uint64_t value = symbol->st_value;
	static const char prefix[] = "wire_pad_";
	unsigned number, hart;

	if (sscanf(name, "wire_gate_%u_%u", &number, &hart) == 2)
		take_gate(arch, number, hart, value, image->gates);
	if (sscanf(name, "wire_back_%u_%u", &number, &hart) == 2)
		take_gate(arch, number, hart, value, image->backs);
	take_fixed(arch, name, value, image);
	if (!strcmp(name, "wire_batch")) {
		image->batch = value;
		image->batch_size = symbol->st_size;
	}
	if (!strcmp(name, "wire_stop"))
		image->stop = value;
	if (strncmp(name, prefix, strlen(prefix)))
		return;
	for (size_t i = 0; i < arch->pad_count; i++)
		if (!strcmp(name + strlen(prefix), arch->pads[i].name))
			image->pads[i] = value;
}

static void read_symbols(Elf *elf, const struct arch *arch, struct image *image)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB || !header.sh_entsize)
			continue;
		data = elf_getdata(section, NULL);
		for (size_t i = 0; data && i < header.sh_size / header.sh_entsize; i++) {
			GElf_Sym symbol;
			const char *name;

			if (!gelf_getsym(data, (int)i, &symbol))
				break;
			name = elf_strptr(elf, header.sh_link, symbol.st_name);
			if (name)
				take_symbol(arch, name, &symbol, image);
		}
	}
}

/* The first section of code: a probe has one. */
static void read_text(Elf *elf, struct image *image)
{
	Elf_Scn *section = NULL;

	while (!image->text && (section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_PROGBITS || !(header.sh_flags & SHF_EXECINSTR))
			continue;
		data = elf_getdata(section, NULL);
		if (!data || !data->d_buf || !data->d_size)
			continue;
		image->text_at = header.sh_addr;
		image->text_size = data->d_size;
		image->text = xmalloc(data->d_size);
		memcpy(image->text, data->d_buf, data->d_size);
	}
}

static int check(const char *path, const struct arch *arch, const struct image *image, struct err *err)
{
	if (!image->batch)
		return err_set(err, EXIT_BROKEN, "%s: the symbol wire_batch is missing; it is no probe", path);
	if (image->batch_size != wire_batch_size(arch->control_count))
		return err_set(err, EXIT_BROKEN,
			       "%s: was not built for the %zu control registers of %s: WIRE_CONTROL in meson.build", path,
			       arch->control_count, arch->name);
	if (!image->stop)
		return err_set(err, EXIT_BROKEN, "%s: the symbol wire_stop is missing; it is no probe", path);
	if (!image->text)
		return err_set(err, EXIT_BROKEN, "%s: has no section of code", path);
	for (size_t i = 0; i < arch->pad_count; i++)
		if (!image->pads[i])
			return err_set(err, EXIT_BROKEN, "%s: the symbol wire_pad_%s is missing", path, arch->pads[i].name);
	for (size_t i = 0; i < arch->gate_count; i++)
		if (!image->gates[i][0] || !image->backs[i][0])
			return err_set(err, EXIT_BROKEN, "%s: the symbol wire_gate_%u_0 or wire_back_%u_0 is missing", path,
				       arch->gates[i].number, arch->gates[i].number);
	for (size_t i = 0; i < arch->register_count; i++)
		if (arch->fixed[i] && image->fixed[i] != arch->fixed_value[i])
			return err_set(err, EXIT_BROKEN, "%s: wire_fixed_%s is 0x%llx, and arch.yaml says 0x%llx", path,
				       arch->registers[i], (unsigned long long)image->fixed[i],
				       (unsigned long long)arch->fixed_value[i]);
	return 0;
}

int image_read(const char *path, const struct arch *arch, struct image *image, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;
	Elf *elf;

	*image = (struct image){ 0 };
	if (fd < 0)
		return err_set(err, EXIT_BROKEN, "%s: %s; the probe is made by the build", path, strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || read_segments(elf, image)) {
		err_set(err, EXIT_BROKEN, "%s: is no ELF file that can be loaded", path);
	} else {
		read_symbols(elf, arch, image);
		read_text(elf, image);
		result = check(path, arch, image, err);
	}
	elf_end(elf);
	close(fd);
	return result;
}

void image_free(struct image *image)
{
	free(image->text);
	image->text = NULL;
}
