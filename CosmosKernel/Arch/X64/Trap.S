// Every way into ring 0 and the one way out.
//
// cpu_resume loads a user frame and leaves; a trap from ring 3 stores the frame and *returns* from
// cpu_resume. Interrupts are off in ring 0. A trap from ring 0 is the kernel's own runtime at work
// (a Linux call, a page of its heap, a null reference) and goes to Shim.c; an interrupt from ring 0
// happens in cpu_idle only and leaves a bit. Section numbers are of the Intel SDM.
#include "Trap.h"

#define CPU(offset) cpu+offset(%rip)
// Flags that ring 3 may choose: CF PF AF ZF SF TF DF OF NT(no) RF(no) AC ID. Vol. 1, 3.4.3.
#define USER_FLAGS 0x240DD5
#define FIXED_FLAGS 0x202

.text
.code64

// int cpu_resume(frame): runs the thread until it traps. 0 system call, 1 fault, 2 interrupt.
.global cpu_resume
cpu_resume:
    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15
    mov %rsp, CPU(CPU_KERNEL_RSP)

    // A rip that is not canonical would fault in ring 0, at the iretq (Vol. 2, IRET; SYSRET).
    mov FRAME_Rip(%rdi), %rcx
    mov %rcx, %rax
    shr $47, %rax
    jnz bad_rip

    mov FRAME_Cr3(%rdi), %rax
    cmp CPU(CPU_ROOT), %rax
    jne switch_root
same_root:
    mov FRAME_FsBase(%rdi), %rax
    testb $FEATURE_FSGSBASE, CPU(CPU_FEATURES)
    jz 1f
    wrfsbase %rax
2:  mov CPU(CPU_MXCSR_MASK), %eax
    cmpl $0, FRAME_HasVectorState(%rdi)
    jne restore_vectors
    and %eax, FRAME_Mxcsr(%rdi)
    ldmxcsr FRAME_Mxcsr(%rdi)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    pxor %xmm\n, %xmm\n
    .endr
3:  mov FRAME_Rflags(%rdi), %r11
    and $USER_FLAGS, %r11
    or $FIXED_FLAGS, %r11
    mov %rdi, CPU(CPU_FRAME)
    mov FRAME_Rax(%rdi), %rax
    mov FRAME_Rbx(%rdi), %rbx
    mov FRAME_Rdx(%rdi), %rdx
    mov FRAME_Rsi(%rdi), %rsi
    mov FRAME_Rbp(%rdi), %rbp
    mov FRAME_R8(%rdi), %r8
    mov FRAME_R9(%rdi), %r9
    mov FRAME_R10(%rdi), %r10
    mov FRAME_R12(%rdi), %r12
    mov FRAME_R13(%rdi), %r13
    mov FRAME_R14(%rdi), %r14
    mov FRAME_R15(%rdi), %r15
    cmpl $0, FRAME_NeedsFullReturn(%rdi)
    jne 4f
    mov FRAME_Rsp(%rdi), %rsp
    mov FRAME_Rdi(%rdi), %rdi
    sysretq                         // rip = rcx, rflags = r11

4:  pushq $USER_DATA
    pushq FRAME_Rsp(%rdi)
    push %r11
    pushq $USER_CODE
    push %rcx
    mov FRAME_Rcx(%rdi), %rcx
    mov FRAME_R11(%rdi), %r11
    mov FRAME_Rdi(%rdi), %rdi
    iretq

1:  mov %rax, %rdx                  // no FSGSBASE: the slow way
    shr $32, %rdx
    mov $0xC0000100, %ecx
    wrmsr
    mov FRAME_Rip(%rdi), %rcx
    jmp 2b

restore_vectors:                    // reserved bits of MXCSR would fault here: Vol. 1, 10.5.1
    and %eax, FRAME_FxState+24(%rdi)
    fxrstor64 FRAME_FxState(%rdi)
    jmp 3b

bad_rip:                            // as the processor would report it: #GP(0) of the thread
    movq $13, FRAME_Vector(%rdi)
    movq $0, FRAME_ErrorCode(%rdi)
    movq $0, FRAME_FaultAddress(%rdi)
    mov $1, %eax
    jmp pop_kernel

// Another process: nothing of the last one's registers may stay. fninit leaves the x87 data
// registers as they were, and ring 3 can choose ds, es, gs; so load clean ones.
switch_root:
    mov %rax, CPU(CPU_ROOT)
    mov %rax, %cr3
    fxrstor64 clean_vectors(%rip)
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    testb $FEATURE_FSGSBASE, CPU(CPU_FEATURES)
    jz same_root
    wrgsbase %rax
    jmp same_root

// `syscall`: rcx = rip, r11 = rflags, rsp unchanged; SFMASK has cleared IF TF DF NT AC.
.global syscall_entry
syscall_entry:
    mov %rsp, CPU(CPU_SAVED_RSP)
    mov CPU(CPU_FRAME), %rsp
    test %rsp, %rsp
    jz syscall_of_kernel
    movq $0, CPU(CPU_FRAME)
    mov %rax, FRAME_Rax(%rsp)
    mov %rbx, FRAME_Rbx(%rsp)
    mov %rdx, FRAME_Rdx(%rsp)
    mov %rsi, FRAME_Rsi(%rsp)
    mov %rdi, FRAME_Rdi(%rsp)
    mov %rbp, FRAME_Rbp(%rsp)
    mov %r8, FRAME_R8(%rsp)
    mov %r9, FRAME_R9(%rsp)
    mov %r10, FRAME_R10(%rsp)
    mov %r12, FRAME_R12(%rsp)
    mov %r13, FRAME_R13(%rsp)
    mov %r14, FRAME_R14(%rsp)
    mov %r15, FRAME_R15(%rsp)
    mov %rcx, FRAME_Rip(%rsp)
    mov %r11, FRAME_Rflags(%rsp)
    mov CPU(CPU_SAVED_RSP), %rcx
    mov %rcx, FRAME_Rsp(%rsp)
    movl $0, FRAME_NeedsFullReturn(%rsp)
    cmp $0x1000, %rax               // Shared.Abi.SystemCall.First; below: the Linux personality
    jb 1f
    movl $0, FRAME_HasVectorState(%rsp)
    stmxcsr FRAME_Mxcsr(%rsp)
    xor %eax, %eax
    jmp to_kernel
1:  movl $1, FRAME_HasVectorState(%rsp)
    fxsave64 FRAME_FxState(%rsp)
    xor %eax, %eax

// The user's registers are in its frame; eax is what cpu_resume returns.
to_kernel:
    fninit
    ldmxcsr CPU(CPU_KERNEL_MXCSR)
    mov CPU(CPU_KERNEL_FS), %rdx
    testb $FEATURE_FSGSBASE, CPU(CPU_FEATURES)
    jz 1f
    wrfsbase %rdx
2:  mov CPU(CPU_KERNEL_RSP), %rsp
pop_kernel:
    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx
    ret
1:  mov %eax, %esi
    mov %edx, %eax
    shr $32, %rdx
    mov $0xC0000100, %ecx
    wrmsr
    mov %esi, %eax
    jmp 2b

.macro PUSH_ALL
    push %rax; push %rcx; push %rdx; push %rbx; push %rbp; push %rsi; push %rdi
    push %r8; push %r9; push %r10; push %r11; push %r12; push %r13; push %r14; push %r15
.endm
.macro POP_ALL
    pop %r15; pop %r14; pop %r13; pop %r12; pop %r11; pop %r10; pop %r9; pop %r8
    pop %rdi; pop %rsi; pop %rbp; pop %rbx; pop %rdx; pop %rcx; pop %rax
.endm

// A Linux call of the kernel's own runtime: the same record as for a fault, on the shim's stack.
syscall_of_kernel:
    lea shim_stack_top(%rip), %rsp
    pushq $KERNEL_DATA
    pushq CPU(CPU_SAVED_RSP)
    push %r11
    pushq $KERNEL_CODE
    push %rcx
    pushq $0
    pushq $0
    PUSH_ALL
    mov %rsp, %rdi
    call shim_syscall
return_to_ring0:
    POP_ALL
    add $16, %rsp
    iretq

// Vectors 0..63, 16 bytes each. Vol. 3, 6.15: which push an error code.
.balign 16
.global trap_stubs
trap_stubs:
.set vector, 0
.rept 64
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 \
        || vector == 29 || vector == 30)
    pushq $0
    .endif
    pushq $vector
    .if vector == 2 || vector == 8 || vector == 18
    jmp trap_stop
    .else
    jmp trap_common
    .endif
    .set vector, vector + 1
.endr
.global spurious_stub
spurious_stub:
    iretq

trap_stop:                          // NMI, double fault, machine check: say so and stop
    cld
    PUSH_ALL
    mov %rsp, %rdi
    call shim_stop

// On the stack: vector, error code, rip, cs, rflags, rsp, ss.
trap_common:
    cld
    testb $FEATURE_SMAP, CPU(CPU_FEATURES)
    jz 1f
    clac
1:  testb $3, 24(%rsp)
    jz trap_from_ring0
    push %rdi
    mov CPU(CPU_FRAME), %rdi
    movq $0, CPU(CPU_FRAME)
    mov %rax, FRAME_Rax(%rdi)
    mov %rbx, FRAME_Rbx(%rdi)
    mov %rcx, FRAME_Rcx(%rdi)
    mov %rdx, FRAME_Rdx(%rdi)
    mov %rsi, FRAME_Rsi(%rdi)
    mov %rbp, FRAME_Rbp(%rdi)
    mov %r8, FRAME_R8(%rdi)
    mov %r9, FRAME_R9(%rdi)
    mov %r10, FRAME_R10(%rdi)
    mov %r11, FRAME_R11(%rdi)
    mov %r12, FRAME_R12(%rdi)
    mov %r13, FRAME_R13(%rdi)
    mov %r14, FRAME_R14(%rdi)
    mov %r15, FRAME_R15(%rdi)
    popq FRAME_Rdi(%rdi)
    pop %rcx
    mov %rcx, FRAME_Vector(%rdi)
    popq FRAME_ErrorCode(%rdi)
    popq FRAME_Rip(%rdi)
    add $8, %rsp
    popq FRAME_Rflags(%rdi)
    popq FRAME_Rsp(%rdi)
    mov %cr2, %rax
    mov %rax, FRAME_FaultAddress(%rdi)
    fxsave64 FRAME_FxState(%rdi)
    movl $1, FRAME_HasVectorState(%rdi)
    movl $1, FRAME_NeedsFullReturn(%rdi)
    mov $1, %eax
    sub $32, %ecx
    jb to_kernel
    bts %ecx, CPU(CPU_PENDING)
    mov $2, %eax
    jmp to_kernel

trap_from_ring0:
    PUSH_ALL
    mov 15*8(%rsp), %ecx
    sub $32, %ecx
    jb 1f
    bts %ecx, CPU(CPU_PENDING)
    jmp return_to_ring0
1:  mov %rsp, %rdi
    call shim_fault
    jmp return_to_ring0

// void cpu_idle(): returns when a bit is pending. sti takes effect after hlt has begun (Vol. 2).
.global cpu_idle
cpu_idle:
    cmpl $0, CPU(CPU_PENDING)
    jne 1f
    sti
    hlt
    cli
1:  ret

.section .rodata
.balign 16
clean_vectors:                      // FXSAVE image: Vol. 1, table 10-2
    .short 0x37F
    .zero 22
    .long 0x1F80
    .zero 512 - 28
.section .note.GNU-stack,"",@progbits
