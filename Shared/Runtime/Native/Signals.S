# Where the base class library's handler of signals is kept. It registers it in a call that must not
# run C# (SuppressGCTransition), so this one is no C#; Exports/SignalExports.cs calls the handler.

        .intel_syntax noprefix
        .text
        .globl  SystemNative_SetPosixSignalHandler
        .type   SystemNative_SetPosixSignalHandler, @function
SystemNative_SetPosixSignalHandler:
        mov     [rip + cosmos_signal_handler], rdi
        ret
        .size   SystemNative_SetPosixSignalHandler, . - SystemNative_SetPosixSignalHandler

        .globl  cosmos_get_signal_handler
        .type   cosmos_get_signal_handler, @function
cosmos_get_signal_handler:
        mov     rax, [rip + cosmos_signal_handler]
        ret
        .size   cosmos_get_signal_handler, . - cosmos_get_signal_handler

        .local  cosmos_signal_handler
        .comm   cosmos_signal_handler, 8, 8
        .section .note.GNU-stack, "", @progbits
