// From the boot loader to shim_main: checks the processor, then 32-bit to 64-bit mode.
//
// Multiboot 1 (GNU, 3.1), as a flat file: QEMU's -kernel and GRUB both load it at 1 MiB. It runs at
// SHIM_BASE + its physical address; the tables here map the first GiB there, at DIRECT_MAP and,
// until shim_main has made the real ones, at 0.
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
    mov %ebx, PHYSICAL(multiboot_info)

// x86-64-v2 and what we use besides: first word of each row is a register of `features`.
    mov $1, %eax
    cpuid
    mov %ecx, PHYSICAL(features)
    mov %edx, PHYSICAL(features) + 4
    mov $0x80000000, %eax
    cpuid
    cmp $0x80000001, %eax
    jb 1f
    mov $0x80000001, %eax
    cpuid
    mov %ecx, PHYSICAL(features) + 8
    mov %edx, PHYSICAL(features) + 12
1:  mov $PHYSICAL(needed), %esi
next_feature:
    mov (%esi), %eax
    cmp $4, %eax
    je enter_long_mode
    mov 4(%esi), %ecx
    bt %ecx, PHYSICAL(features)(, %eax, 4)
    jnc refuse
    add $16, %esi
    jmp next_feature

refuse:                             // one line on COM1, then QEMU's way out
    add $8, %esi
    mov %esi, %ebx
    mov $PHYSICAL(refusal), %esi
    call print
    mov %ebx, %esi
    call print
    mov $PHYSICAL(line_end), %esi
    call print
    mov $EXIT_REFUSED, %eax
    out %al, $0xF4
1:  hlt
    jmp 1b
print:
    lodsb
    test %al, %al
    jz 1f
    mov $0x3F8, %edx
    out %al, %dx
    jmp print
1:  ret

enter_long_mode:                    // Vol. 3, 10.8.5
    mov $PHYSICAL(boot_directory), %edi
    mov $0x83, %eax                 // present, writable, 2 MiB
1:  mov %eax, (%edi)
    add $8, %edi
    add $0x200000, %eax
    cmp $0x40000083, %eax
    jb 1b
    mov $PHYSICAL(boot_directory) + 3, %eax
    mov %eax, PHYSICAL(boot_pointers)               // 0 and DIRECT_MAP
    mov %eax, PHYSICAL(boot_pointers) + 510 * 8     // SHIM_BASE
    mov $PHYSICAL(boot_pointers) + 3, %eax
    mov %eax, PHYSICAL(boot_root)
    mov %eax, PHYSICAL(boot_root) + 256 * 8
    mov %eax, PHYSICAL(boot_root) + 511 * 8
    mov $PHYSICAL(boot_root), %eax
    mov %eax, %cr3
    mov %cr4, %eax
    or $0x620, %eax                 // PAE, OSFXSR, OSXMMEXCPT; OSXSAVE stays 0: SSE only
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

.code32
needed:
.macro NEED register, bit, name
    .balign 4
    .long \register, \bit
9:  .ascii "\name"
    .zero 8 - (. - 9b)
.endm
    NEED 1, 0, "x87"
    NEED 1, 4, "TSC"
    NEED 1, 9, "APIC"
    NEED 1, 24, "FXSR"
    NEED 1, 26, "SSE2"
    NEED 3, 29, "64-bit"
    NEED 3, 20, "NX"
    NEED 3, 11, "SYSCALL"
    NEED 0, 0, "SSE3"
    NEED 0, 9, "SSSE3"
    NEED 0, 13, "CX16"
    NEED 0, 19, "SSE4.1"
    NEED 0, 20, "SSE4.2"
    NEED 0, 23, "POPCNT"
    NEED 2, 0, "LAHF"
    .long 4
refusal: .asciz "cosmos: this CPU lacks "
line_end: .asciz " (x86-64-v2 is needed)\n"
.balign 4
features: .zero 16
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
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    lea shim_stack_top(%rip), %rsp
    mov multiboot_info(%rip), %edi
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
.global multiboot_info
multiboot_info: .long 0

.bss
.balign 4096
boot_root: .zero 4096
.global boot_pointers
boot_pointers: .zero 4096
boot_directory: .zero 4096
    .zero 16384
.global shim_stack_top
shim_stack_top:
.section .note.GNU-stack,"",@progbits
