// From the boot loader to shim_main: 32-bit to 64-bit mode.
//
// Multiboot 1 (GNU, 3.1), as a flat file: QEMU's -kernel and GRUB both load it at 1 MiB. It runs at
// SHIM_BASE + its physical address; the tables here map the first GiB there, and the first 4 GiB at
// DIRECT_MAP and, until shim_main has made the real ones, at 0.
#include "../Arch/X64/Trap.h"

#define PHYSICAL(symbol) (symbol - SHIM_BASE)
#define FLAGS 0x10003               // modules on pages, memory map, addresses below

.section .boot, "awx"
.code32
.balign 4
header:
    .long 0x1BADB002, FLAGS, -(0x1BADB002 + FLAGS)
    .long PHYSICAL(header), PHYSICAL(header), PHYSICAL(shim_load_end), PHYSICAL(shim_end)
    .long PHYSICAL(start)

.global start
start:
    cli
    cld
    mov $PHYSICAL(shim_stack_top), %esp
    mov %ebx, %ebp                  // the boot loader's records

// What is needed to get to shim_main, which checks the rest.
    mov $0x80000001, %eax
    cpuid
    not %edx
    test $0x20100000, %edx          // 64-bit mode, NX
    jz enter_long_mode
    mov $PHYSICAL(refusal), %esi    // one line on COM1, then QEMU's way out
    mov $0x3F8, %edx
1:  outsb
    cmpb $0, (%esi)
    jne 1b
    mov $EXIT_REFUSED, %eax
    out %al, $0xF4
    hlt

enter_long_mode:                    // Vol. 3, 10.8.5
    mov $PHYSICAL(boot_root), %eax
    mov %eax, %cr3
    mov %cr4, %eax
    or $0x620, %eax                 // PAE, OSFXSR, OSXMMEXCPT
    mov %eax, %cr4
    mov $0xC0000080, %ecx
    rdmsr
    or $0x901, %eax                 // SCE, LME, NXE
    wrmsr
    mov %cr0, %eax
    and $~0x4000C, %eax             // no EM, TS, AM
    or $0x80010022, %eax            // PG, WP, NE, MP
    mov %eax, %cr0
    lgdt PHYSICAL(boot_gdtr)
    ljmp $KERNEL_CODE, $PHYSICAL(1f)
.code64
1:  movabs $start64, %rax
    jmp *%rax

refusal: .asciz "cosmos: x86-64-v2 and FSGSBASE are needed, and this CPU lacks 64-bit or NX\n"
.balign 4
boot_gdtr:
    .short 7 * 8 - 1
    .long PHYSICAL(gdt)

.text
.code64
start64:
    lea gdt_pointer(%rip), %rax
    lgdt (%rax)
    mov $KERNEL_DATA, %eax
    mov %eax, %ss
    xor %eax, %eax
    .irp segment, ds, es, fs, gs
    mov %eax, %\segment
    .endr
    lea shim_stack_top(%rip), %rsp
    mov %ebp, %edi
    call shim_main                  // rax: entry of the kernel, rdx: its stack
    mov %rdx, %rsp
    xor %edx, %edx                  // glibc's _start: rdx is a function for atexit, or 0
    xor %ebp, %ebp
    jmp *%rax

.data
.balign 8
.global gdt
gdt:                                // order fixed by SYSRET: Vol. 2, "SYSRET"
    .quad 0
    .quad 0x00AF9A000000FFFF        // 08 kernel code
    .quad 0x00CF92000000FFFF        // 10 kernel data
    .quad 0x00CFF2000000FFFF        // 18 user data
    .quad 0x00AFFA000000FFFF        // 20 user code
    .quad 0, 0                      // 28 task state
.global gdt_pointer
gdt_pointer:
    .short 7 * 8 - 1
    .quad gdt

// 4 GiB, where a boot loader may put modules, in 2 MiB pages: at 0 and at DIRECT_MAP; the first of
// them at SHIM_BASE.
.balign 4096
boot_root:
    .quad PHYSICAL(boot_pointers) + 3
    .fill 255, 8, 0
    .quad PHYSICAL(boot_pointers) + 3
    .fill 254, 8, 0
    .quad PHYSICAL(boot_pointers) + 3
.global boot_pointers
boot_pointers:
    .quad PHYSICAL(boot_directory) + 0x0003, PHYSICAL(boot_directory) + 0x1003
    .quad PHYSICAL(boot_directory) + 0x2003, PHYSICAL(boot_directory) + 0x3003
    .fill 506, 8, 0
    .quad PHYSICAL(boot_directory) + 3, 0
boot_directory:
.set page, 0
.rept 2048
    .quad page + 0x83               // present, writable, 2 MiB
    .set page, page + 0x200000
.endr

.bss
.balign 16
    .zero 16384
.global shim_stack_top
shim_stack_top:
.section .note.GNU-stack,"",@progbits
