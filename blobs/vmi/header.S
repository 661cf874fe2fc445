/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header.S - the ROM as data: document 2.0, 4 (Data layout), as vmi.h of Linux 2.6.25 (3.0) and patch 3/24 (13.0) have it. Length and
 * checksum are set by build.py.
 */
#include "rom.inc"

	.section .header, "ax"
	.globl	rom
rom:
	.word	0xaa55
	.byte	0			/* length in blocks of 512 bytes */
	.code16
	jmp	post			/* where the BIOS calls once */
	.code32
	.org	8
	.ascii	"cVmi"
#if ABI == 3
	.byte	0, 3			/* minor, major */
	.byte	2			/* jump slots: Init and GetRelocationInfo */
	.byte	0
	.long	0			/* virtual top: nothing is reserved */
	.word	0
	.word	licence - rom
#else
	.byte	0, 13
	.org	0x18
#endif
	.word	pci - rom
	.word	pnp - rom
	.org	0x80
#if ABI == 3
	jmp	Init
	.org	0x88
	jmp	GetRelocationInfo
	.org	0x90
#endif
#include "calls.inc"

/* PCI firmware specification: the data structure. Linux wants the identity of VMware's device and looks no further. */
	.balign	4
pci:
	.ascii	"PCIR"
	.word	0x15ad, 0x0801		/* vendor, device */
	.word	0			/* no vital product data */
	.word	24			/* size */
	.byte	0			/* revision */
	.byte	0, 0, 5			/* class: a memory controller */
	.word	0			/* length in blocks, as in the header */
	.word	0
	.byte	0			/* code for the PC */
	.byte	0x80			/* the last image */
	.word	0

/* Plug and Play BIOS specification: the expansion header. */
	.balign	16
pnp:
	.ascii	"$PnP"
	.byte	1			/* revision */
	.byte	2			/* size in units of 16 bytes */
	.word	0			/* no other header */
	.byte	0
	.byte	0			/* makes the sum of the header 0: build.py */
	.long	0			/* device */
	.word	maker - rom
	.word	product - rom
	.byte	5, 0, 0			/* class */
	.byte	0			/* no boot device */
	.word	0, 0, 0, 0, 0		/* nothing to call at boot */

	.globl	product
licence: .asciz "GPL"
maker:	.asciz "assay"
product: .asciz "VMI reference"
