C="i686-linux-gnu-gcc -std=gnu11 -m32 -O1 -g -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector -mno-sse -mno-mmx -fno-asynchronous-unwind-tables -Wall -Wextra -Wshadow -DWALLCLOCK=1142208000 -Wl,-m,elf_i386 -Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-T,link.ld"
$C start.S kernel.c test_*.c -o /tmp/vb/kernel.elf || exit 1
for r in ${@:-3 13}; do
timeout 20 /usr/libexec/qemu-system-i386 -M pc -m 128 -display none -nodefaults -option-rom /tmp/vb/r$r.bin -kernel /tmp/vb/kernel.elf -debugcon stdio -device isa-debug-exit,iobase=0xf4 -rtc base=2006-03-13T00:00:00 $QO
echo "exit $?"
done
