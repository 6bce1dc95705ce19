# chat: programs beside their sources in bin/, everything else in build/.
#
#	make                  build what the installed libraries allow
#	make check            build, then run every test; SAN=1: under ASan+UBSan
#	make check-vm         the tests with camera drivers, in an emulated machine
#	make demo             a conversation on loopback, seen from three sides
#	make fuzz             each fuzzer, RUNS runs (needs clang)
#	make lint             scripts, pages, format, layers, linked libraries
#	make bench            speed beside the peers, as ratios
#	make install          DESTDIR, PREFIX, BINDIR, MANDIR

PREFIX  = /usr/local
BINDIR  = $(PREFIX)/bin
MANDIR  = $(PREFIX)/share/man
CC      = cc
# DWARF 4: what valgrind reads of every compiler.
CFLAGS  = -O2 -gdwarf-4
WERROR  =

STD     = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ilib
WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
          -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 $(WERROR)
HARDEN  = -fPIE -fstack-protector-strong
HARDLD  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed
ifdef SAN
HARDEN += -fsanitize=address,undefined -fno-sanitize-recover=undefined \
          -fno-omit-frame-pointer -DNO_SANDBOX
HARDLD += -fsanitize=address,undefined
else
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
COMPILE = $(CC) $(STD) $(WARN) $(HARDEN) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) $(CFLAGS) $(HARDEN) $(HARDLD) $(LDFLAGS)

# The layers (tests/layers keeps them): L0 libc only; L1 formats and crypto,
# pure, of which CRYPTO alone may include sodium.h; L2 one outside interface
# each.
L0      = be die fault fds io num tick vis
L1 = \
	window \
	fname \
	fwire \
	frame \
	cut \
	gather \
	show \
	whole \
	lossy \
	age \
	words \
	code \
	y4m \
	jpeg \
	ivf \
	coded \
	testpic \
	planes \
	ages \
	meet/meet \
	meet/mix \
	meet/paths \
	meet/proxy \
	meet/quota \
	meet/rooms \

CRYPTO = \
	packet \
	sealed \
	hash \
	aead \
	noise \
	record \
	secret \
	key \
	lock \
	cpace \

L2 = \
	batch \
	dgseal \
	dgopen \
	fbulk \
	fdir \
	fget \
	fitem \
	fkeep \
	foffer \
	fpipe \
	fprog \
	fput \
	fsend \
	fstore \
	ftree \
	fwalk \
	claim \
	id \
	pass \
	peers \
	store \
	tty \
	greet \
	handshake \
	link \
	trust \
	cam \
	camdev \
	camtest \
	feed \
	pics \
	still \
	turbo \
	vp8 \
	screen \
	live \
	typed \
	shown \
	framer \
	unframer \
	newest \
	fence \
	sandbox \
	session \
	stream \
	tcp \
	addr \
	net \
	dgram \
	listen \
	kids \
	serve \
	relay \
	dgrelay \
	next \
	meet/ends \
	meet/flow \
	meet/hub \
	meet/lan \
	meet/lobby \
	meet/lookup \
	meet/place \
	meet/pump \
	meet/punch \
	meet/seat \

LIB     = $(L0) $(L1) $(CRYPTO) $(filter-out $(LEFT),$(L2))

# The programs, and what each needs beside libc.
CORE    = chat-keygen chat-net chat-handshake chat-seal chat-open chat-frame \
          chat-text chat-file chat-join chat-relay chat-meet
# Libraries by their pkg-config names, and the programs and modules of L2 that
# are left out where one is missing.
MEDIA = \
	chat-cam \
	chat-encode \
	chat-decode \
	chat-view \

LIBRARY = \
	libv4l2 \
	libv4lconvert \
	vpx \
	libturbojpeg \
	sdl2 \
	libpng \

USE_libv4l2 = chat-cam cam camdev
USE_libv4lconvert = $(USE_libv4l2)
USE_vpx = chat-encode chat-decode vp8
USE_libturbojpeg = chat-decode turbo
USE_sdl2 = chat-view screen
USE_libpng = chat-view still
LACK   := $(foreach l,$(LIBRARY),$(if $(shell \
          pkg-config --exists $l && echo yes),,$l))
LEFT   := $(foreach l,$(LACK),$(USE_$l) $(info \
          $(filter chat-%,$(USE_$l)): left out, $l is missing))
SODIUM = \
	chat-file \
	chat-keygen \
	chat-handshake \
	chat-seal \
	chat-open \

SCRIPTS = \
	chat-call \
	chat-recv \
	chat-send \
	chat-talk \
	chat-video \
	chat-look \


PROGS   = $(CORE) $(filter-out $(LEFT),$(MEDIA))
BINS    = $(PROGS:%=bin/%)
SRC     = $(filter $(wildcard lib/*.c lib/*/*.c),$(LIB:%=lib/%.c))
OBJ     = $(SRC:lib/%.c=build/lib/%.o)
UNITS   = $(patsubst tests/unit/%.c,build/tests/%,$(wildcard tests/unit/*.c))
PAGES   = $(wildcard man/*.[1578])

all: $(BINS)

$(SODIUM:%=bin/%): LDLIBS += -lsodium

define library
$(USE_$l:%=bin/%): LDLIBS += $(shell pkg-config --libs $l)
$(USE_$l:%=build/lib/%.o) $(USE_$l:%=build/fuzz/lib/%.o): \
    private CPPFLAGS += $(shell pkg-config --cflags $l)
endef
$(foreach l,$(filter-out $(LACK),$(LIBRARY)),$(eval $(library)))

bin/%: build/bin/%.o build/libchat.a
	$(LINK) -o $@ $< build/libchat.a $(LDLIBS)

build/libchat.a: $(OBJ)
	@rm -f $@
	$(AR) rcs $@ $(OBJ)

build/lib/%.o: lib/%.c build/flags
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

build/bin/%.o: bin/%.c build/flags
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

# A unit test is one program that prints TAP.
build/tests/%: tests/unit/%.c build/libchat.a build/flags
	@mkdir -p $(@D)
	$(COMPILE) -Itests/unit -MMD -MP -MF build/tests/$*.d -o $@ $< \
	    $(HARDLD) $(LDFLAGS) build/libchat.a -lsodium $(UNITLIBS)

# Changes when the compiler or its flags do, and has all built anew.
build/flags: FORCE
	@mkdir -p build
	@echo '$(COMPILE) $(LINK)' | cmp -s - $@ || echo '$(COMPILE) $(LINK)' >$@

-include $(wildcard build/lib/*.d build/lib/*/*.d build/bin/*.d \
    build/tests/*.d build/fuzz/lib/*.d build/fuzz/lib/*/*.d)

check: all units
	tests/run

# With real camera drivers, in a machine of its own (tests/vm).
check-vm: all
	tests/vm/check

units: $(UNITS)

# The library once more, watched by libFuzzer; its fuzzers start from the
# corpora in the tree and leave what breaks them in build/fuzz.
RUNS    = 20000
FUZZERS = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZCC  = clang $(STD) $(WARN) -g -O1 -fno-omit-frame-pointer \
          -fsanitize=address,undefined -fno-sanitize-recover=undefined

build/fuzz/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(FUZZCC) $(CPPFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

build/fuzz/libchat.a: $(OBJ:build/%=build/fuzz/%)
	@rm -f $@
	$(AR) rcs $@ $^

build/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h build/fuzz/libchat.a
	$(FUZZCC) -fsanitize=fuzzer -o $@ $< build/fuzz/libchat.a -lsodium

fuzz: $(FUZZERS)
	@for f in $(FUZZERS:build/fuzz/%=%); do \
	    mkdir -p build/fuzz/$$f.corpus && \
	    build/fuzz/$$f -runs=$(RUNS) -max_len=4096 -print_final_stats=1 \
	        -artifact_prefix=build/fuzz/$$f- build/fuzz/$$f.corpus \
	        tests/fuzz/$$f >build/fuzz/$$f.log 2>&1 && \
	    echo "$$f: $$(sed -n 's/^stat::number_of_executed_units: *//p' \
	        build/fuzz/$$f.log) runs" || \
	    { tail -n 40 build/fuzz/$$f.log; exit 1; }; done

demo: all
	scripts/demo

bench: all units
	scripts/bench

lint: all
	tests/lint

# make -s print-L1: what a list holds, for the scripts.
print-%:
	@echo $($*)

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 \
	    $(DESTDIR)$(MANDIR)/man8
	install -m 755 $(BINS) $(SCRIPTS:%=scripts/%) $(DESTDIR)$(BINDIR)
	for p in $(PAGES); do install -m 644 $$p \
	    $(DESTDIR)$(MANDIR)/man$${p##*.}/ || exit 1; done

uninstall:
	rm -f $(PROGS:%=$(DESTDIR)$(BINDIR)/%) \
	    $(SCRIPTS:%=$(DESTDIR)$(BINDIR)/%)
	for p in $(PAGES); do \
	    rm -f $(DESTDIR)$(MANDIR)/man$${p##*.}/$${p#man/}; done

clean:
	rm -rf build $(BINS)

.PHONY: all fuzz check check-vm units demo bench lint install uninstall clean FORCE
.PRECIOUS: build/bin/%.o build/fuzz/lib/%.o
