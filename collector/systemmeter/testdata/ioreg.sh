#!/bin/sh
# Stands in for ioreg. FAKE_IOREG says what is wrong with it, FAKE_IOREG_FILE holds
# what a healthy one prints, and FAKE_IOREG_FIFO is held open while it or its child
# lives.
[ "$*" = "-a -rw0 -c AppleSmartBattery" ] || { echo "ioreg: unexpected $*" >&2; exit 64; }
case "$FAKE_IOREG" in
'') exec cat "$FAKE_IOREG_FILE" ;;
empty) exit 0 ;;
fails) cat "$FAKE_IOREG_FILE"; exit 1 ;;
garbage) exec head -c 4096 /dev/zero ;;
huge) exec head -c 3000000 /dev/zero ;;
truncated) exec head -c 700 "$FAKE_IOREG_FILE" ;;
slow)
	exec 3>"$FAKE_IOREG_FIFO"
	sleep 600 & # a child that holds standard output too
	wait
	;;
esac
