// What Trap.S, Boot.S and Shim.c share. Shim.c asserts the offsets; Boot/HandOver.cs has some too.
#pragma once

// What the processor needs to know while no C# runs. One per processor; there is one.
#define CPU_FRAME 0         // frame of the thread in ring 3, or 0 while in ring 0
#define CPU_KERNEL_RSP 8    // stack of the C# kernel, inside cpu_resume
#define CPU_SAVED_RSP 16    // rsp of who executed `syscall`
#define CPU_KERNEL_FS 24    // thread-local storage of the kernel's runtime
#define CPU_ROOT 32         // what CR3 holds
#define CPU_PENDING 40      // bits of interrupts seen: vector - 32
#define CPU_FEATURES 44     // FEATURE_ bits
#define CPU_KERNEL_MXCSR 48
#define CPU_HEAP_NEXT 56    // first frame of the kernel's own heap that was never used
#define CPU_HEAP_END 64

#define FEATURE_SMAP 1
#define FEATURE_RDRAND 2
#define FEATURE_AVX 4

// Of XCR0: x87, SSE and AVX. What the processor has of it is saved and cleared. Vol. 1, 13.1.
#define VECTOR_STATE 7

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_DATA 0x1B
#define USER_CODE 0x23
#define TASK_STATE 0x28

#define SHIM_BASE 0xFFFFFFFF80000000
#define DIRECT_MAP 0xFFFF800000000000

// Exit codes through isa-debug-exit: QEMU's status is code * 2 + 1.
#define EXIT_PANIC 0x7E
#define EXIT_REFUSED 0x7D
