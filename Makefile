# chat: programs beside their sources in bin/, everything else in build/.
#
#	make                  build what the installed libraries allow; V=1: loudly
#	make check            build, then run every test; SAN=1: under ASan+UBSan
#	make proof            the tests of what chat(7) claims, a line for each claim
#	make check-vm         the tests with camera drivers, in an emulated machine
#	make check-arm64      built for that machine, unit tests in an emulator
#	make demo             a conversation on loopback, seen from three sides
#	make fuzz             each fuzzer, RUNS runs (needs clang)
#	make lint             scripts, pages, format, rooms, linked libraries
#	make bench            speed beside the peers, as ratios
#	make install          DESTDIR, PREFIX, BINDIR, MANDIR; make uninstall
#	make install-relay    chat-relay, a package of its own; UNITDIR besides
#	make dist             build/chat-VERSION.tar.gz, from what is committed
#	make deb              Debian packages of it, in build/deb
#	make clean            remove what was built
#	make help             these lines

PREFIX  = /usr/local
BINDIR  = $(PREFIX)/bin
MANDIR  = $(PREFIX)/share/man
UNITDIR = $(PREFIX)/lib/systemd/system
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
CC      = cc
CXX     = c++
PKG_CONFIG = pkg-config
# DWARF 4: what valgrind reads of every compiler.
CFLAGS  = -O2 -gdwarf-4
WERROR  =

VERSION = 0.2
STD     = -std=c11 -DVERSION='"$(VERSION)"' -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ilib
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

# Programs and libraries by the folder: a file that is there is built.  The
# libraries, by their pkg-config names, and what is left out where one is
# missing.  Everything else needs libsodium and libc.
LIBRARY = libv4l2 libv4lconvert vpx libturbojpeg sdl2 libpng \
          libpulse opus ogg speexdsp
USE_libv4l2       = chat-cam video/camera video/devices
USE_libv4lconvert = $(USE_libv4l2)
USE_vpx           = chat-encode chat-decode video/vp8
USE_libturbojpeg  = chat-decode video/jpegdec
USE_sdl2          = chat-view video/window
USE_libpng        = chat-view video/png
SOUND             = chat-phone chat-mic chat-speaker
USE_libpulse      = $(SOUND) audio/pulse audio/device
USE_opus          = $(SOUND) audio/opusio audio/sender audio/receiver
USE_ogg           = chat-mic chat-speaker audio/oggopus audio/soundin
USE_speexdsp      = $(SOUND) audio/resample audio/nearend
# For bulk the ciphers of libcrypto; AEAD=sodium leaves it out.
AEAD    = libcrypto
LIBRARY += $(filter libcrypto,$(AEAD))
USE_libcrypto     = chat-seal chat-open chat-lock chat-unlock crypto/aeadfast
# Echo and noise; in C++.  Without it chat-phone is for headsets.
LIBRARY += webrtc-audio-processing
USE_webrtc-audio-processing = chat-phone audio/echo
NEEDED  = $(filter-out libcrypto webrtc-audio-processing,$(LACK))
LACK   := $(foreach l,$(LIBRARY),$(if $(shell \
          $(PKG_CONFIG) --exists $l 2>/dev/null && echo yes),,$l))
LEFT   := $(sort $(foreach l,$(NEEDED),$(USE_$l)))

# Say what is left out, and why; without pkg-config no library is found.
NOFIND := $(if $(shell command -v $(PKG_CONFIG) 2>/dev/null),,$(PKG_CONFIG))
SAY     = $(info $1: left out$2; missing: $(or $(NOFIND),$(strip $3)))
$(foreach p,$(filter chat-%,$(LEFT)),$(call SAY,$p,,$(foreach \
    l,$(NEEDED),$(if $(filter $p,$(USE_$l)),$l))))
$(if $(filter libcrypto,$(LACK)),$(call \
    SAY,$(filter chat-%,$(USE_libcrypto)),: faster ciphers,libcrypto))
$(if $(filter chat-phone,$(LEFT)),,$(if $(filter webrtc%,$(LACK)),$(call \
    SAY,chat-phone,: canceller of echo,$(filter webrtc%,$(LACK)))))

PROGS   = $(filter-out $(LEFT),$(patsubst bin/%.c,%,$(wildcard bin/*.c)))
BINS    = $(PROGS:%=bin/%)
SCRIPTS = $(notdir $(wildcard scripts/chat-*))
ROOMS   = $(sort $(patsubst lib/%/,%,$(dir $(wildcard lib/*/*.c))))
LIB     = $(filter-out $(LEFT),$(patsubst lib/%.c,%,$(wildcard lib/*/*.c)))
CXXLIB  = $(if $(filter webrtc-audio-processing,$(LACK)),,$(patsubst \
          lib/%.cc,%,$(wildcard lib/*/*.cc)))
OBJ     = $(LIB:%=build/lib/%.o) $(CXXLIB:%=build/lib/%.o)
UNITS   = $(patsubst %.c,build/tests/%,$(notdir $(wildcard tests/unit/*.c \
          $(filter-out %/faulty.c,$(wildcard tests/tool/*.c))))) \
          build/tests/faulty.so
PAGES   = $(wildcard man/*.[1578])

# What tests/fuzz holds for each fuzzer is replayed by make check.
FUZZED  = $(filter-out $(foreach l,$(LACK),$(FUZZ_$l)),$(patsubst \
          tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
FUZZ_vpx          = vp8
FUZZ_libturbojpeg = jpegdec
FUZZ_ogg          = ogg
FUZZLIBS = $(foreach l,$(filter vpx libturbojpeg ogg libcrypto,$(filter-out \
          $(LACK),$(LIBRARY))),$(shell $(PKG_CONFIG) --libs $l))
UNITS  += $(FUZZED:%=build/tests/unit-fuzz-%)

# V=1 shows whole commands, -s none.
ifeq ($(V),)
SHOW    = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo "$(1) $(2)";)
else
SHOW    =
endif

all: $(BINS)

help:
	@sed -n 's/^#\t//p' Makefile

define library
$(USE_$l:%=bin/%): LDLIBS += $(shell $(PKG_CONFIG) --libs $l)
$(USE_$l:%=build/lib/%.o) $(USE_$l:%=build/fuzz/lib/%.o): \
    private CPPFLAGS += $(shell $(PKG_CONFIG) --cflags $l)
endef
$(foreach l,$(filter-out $(LACK),$(LIBRARY)),$(eval $(library)))
ifneq ($(filter libcrypto,$(filter-out $(LACK),$(LIBRARY))),)
build/lib/crypto/aeadfast.o build/fuzz/lib/crypto/aeadfast.o: \
    private CPPFLAGS += -DAEAD_LIBCRYPTO
UNITLIBS = -lcrypto
endif

ifneq ($(CXXLIB),)
bin/chat-phone: LDLIBS += -lstdc++
else
build/lib/audio/nearend.o: private CPPFLAGS += -DNO_ECHO
endif

bin/%: build/bin/%.o build/libchat.a
	$(call SHOW,LD,$@)$(LINK) -o $@ $< build/libchat.a $(LDLIBS) -lsodium

build/libchat.a: $(OBJ)
	@rm -f $@
	$(call SHOW,AR,$@)$(AR) rcs $@ $(OBJ)

build/lib/%.o: lib/%.c build/flags
	@mkdir -p $(@D)
	$(call SHOW,CC,$<)$(COMPILE) -MMD -MP -c -o $@ $<

build/lib/%.o: lib/%.cc build/flags
	@mkdir -p $(@D)
	$(call SHOW,CXX,$<)$(CXX) -std=c++11 -Ilib -Wall $(WERROR) $(HARDEN) \
	    $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

build/bin/%.o: bin/%.c build/flags
	@mkdir -p $(@D)
	$(call SHOW,CC,$<)$(COMPILE) -MMD -MP -c -o $@ $<

# A unit test is one program that prints TAP; so are built what others run.
vpath %.c tests/unit tests/tool
build/tests/%: %.c build/libchat.a build/flags
	@mkdir -p $(@D)
	$(call SHOW,CC,$<)$(COMPILE) -Itests/unit -MMD -MP \
	    -MF build/tests/$*.d -o $@ $< $(HARDLD) $(LDFLAGS) \
	    build/libchat.a -lsodium -lm $(UNITLIBS)

# Preloaded, by tests/tool/faults.
build/tests/%.so: %.c build/flags
	@mkdir -p $(@D)
	$(call SHOW,CC,$<)$(CC) $(STD) $(WARN) -fPIC -shared -O2 -o $@ $< -ldl

build/tests/unit-fuzz-%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) \
    build/libchat.a build/flags
	@mkdir -p $(@D)
	$(call SHOW,CC,$<)$(COMPILE) -DREPLAY='"tests/fuzz/$*"' -o $@ $< \
	    $(HARDLD) $(LDFLAGS) build/libchat.a -lsodium $(FUZZLIBS)

# A model of a terminal, for one of them; it says so where there is none.
ifeq ($(shell $(PKG_CONFIG) --exists vterm 2>/dev/null && echo yes),yes)
build/tests/unit-editor-screen: private CPPFLAGS += -DVTERM
build/tests/unit-editor-screen: private UNITLIBS = -lvterm
endif

QUOTED  = '$(subst ','\'',$(1))'

# Changes when the compiler or its flags do, and has all built anew.
build/flags: FORCE
	@mkdir -p build
	@printf '%s\n' $(call QUOTED,$(COMPILE) $(LINK) $(AEAD)) | cmp -s - $@ || { \
	    echo '#include <sodium.h>' | $(COMPILE) -E - >/dev/null && \
	    printf '%s\n' $(call QUOTED,$(COMPILE) $(LINK) $(AEAD)) >$@; }

-include $(wildcard build/lib/*/*.d build/bin/*.d build/tests/*.d \
    build/fuzz/lib/*/*.d)

check: all units
	tests/run

# What chat(7) claims under SECURITY.
proof: all units
	tests/proof

# With real camera drivers, in a machine of its own (tests/vm).
check-vm: all build/tests/cage build/tests/camcage
	tests/vm/check

# Of what is committed; scripts/setup arm64 installs what it takes.  The emulator
# fails two tests, those of x86_64 too: it has no seccomp(2), and loses a line
# where two programs read one terminal.
ARM64   = aarch64-linux-gnu
check-arm64: dist
	rm -rf build/arm64
	mkdir build/arm64
	tar xzf build/$(DIST).tar.gz -C build/arm64
	$(MAKE) -C build/arm64/$(DIST) CC=$(ARM64)-gcc CXX=$(ARM64)-g++ \
	    AR=$(ARM64)-ar PKG_CONFIG=$(ARM64)-pkg-config WERROR=-Werror all units
	cd build/arm64/$(DIST) && file -b bin/chat-seal && \
	    find build/tests -name 'unit-*' -type f -perm -u+x \
	    ! -name unit-seccomp ! -name unit-tty | xargs prove --exec qemu-aarch64-static

units: $(UNITS)

# The library once more, watched by libFuzzer; its fuzzers start from the
# corpora in the tree and leave what breaks them in build/fuzz.
RUNS    = 20000
FUZZERS = $(FUZZED:%=build/fuzz/%)
FUZZCC  = clang $(STD) $(WARN) -g -O1 -fno-omit-frame-pointer \
          -fsanitize=address,undefined -fno-sanitize-recover=undefined

build/fuzz/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(call SHOW,CC,$<)$(FUZZCC) $(CPPFLAGS) -fsanitize=fuzzer-no-link \
	    -MMD -MP -c -o $@ $<

build/fuzz/libchat.a: $(LIB:%=build/fuzz/lib/%.o)
	@rm -f $@
	$(call SHOW,AR,$@)$(AR) rcs $@ $^

build/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) \
    build/fuzz/libchat.a
	$(call SHOW,CC,$<)$(FUZZCC) -fsanitize=fuzzer -o $@ $< \
	    build/fuzz/libchat.a -lsodium $(FUZZLIBS)
build/fuzz/ogg: private FUZZLIBS = $(shell $(PKG_CONFIG) --libs ogg)

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

# make -s print-PROGS: what a list holds, for the scripts.
print-%:
	@echo $($*)

# Few people run a relay: it is not part of what all install.
KIT     = $(filter-out man/chat-relay.8,$(PAGES))

# Completion, made from the pages, where each shell looks.
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR  = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
COMPLETE = install -d $(addprefix $(DESTDIR),$(BASHDIR) $(ZSHDIR) $(FISHDIR)); \
          complete() { awk -f contrib/completion.awk -v shell=$$1 \
          man/$$2.[18] man/chat-call.1 >"$(DESTDIR)$$3" || exit 1; }; \
          for p in $1; do complete bash $$p $(BASHDIR)/$$p; \
          complete zsh $$p $(ZSHDIR)/_$$p; \
          complete fish $$p $(FISHDIR)/$$p.fish; done

# What a person's profile lacks for a shell to find what was installed.
PROFILE = case :$$PATH: in *:$(BINDIR):*) ;; *) echo \
          'add to ~/.profile: PATH=$(BINDIR):$$PATH' ;; esac; \
          ! command -v man >/dev/null || \
          case :$$(PATH=$(BINDIR):$$PATH man -w): in *:$(MANDIR):*) ;; *) echo \
          'add to ~/.profile: export MANPATH=$(MANDIR):$$MANPATH' ;; esac

install: all
	install -d $(DESTDIR)$(BINDIR) \
	    $(addprefix $(DESTDIR)$(MANDIR)/man,1 5 7)
	install -m 755 $(filter-out bin/chat-relay,$(BINS)) $(DESTDIR)$(BINDIR)
	for s in $(SCRIPTS); do if [ -h scripts/$$s ]; \
	    then ln -sf chat-call $(DESTDIR)$(BINDIR)/$$s; \
	    else install -m 755 scripts/$$s $(DESTDIR)$(BINDIR); fi || exit 1; done
	for p in $(KIT); do install -m 644 $$p \
	    $(DESTDIR)$(MANDIR)/man$${p##*.}/ || exit 1; done
	$(call COMPLETE,$(filter-out chat-relay,$(PROGS)) $(SCRIPTS))
	@[ '$(DESTDIR)' ] || { $(PROFILE); }

install-relay: bin/chat-relay
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man8 \
	    $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR)
	install -m 755 bin/chat-relay $(DESTDIR)$(BINDIR)
	install -m 644 man/chat-relay.8 $(DESTDIR)$(MANDIR)/man8
	$(call COMPLETE,chat-relay)
	sed 's|^ExecStart=.*/|ExecStart=$(BINDIR)/|' contrib/chat-relay.service \
	    >$(DESTDIR)$(UNITDIR)/chat-relay.service
	install -m 644 contrib/chat-relay.sysusers \
	    $(DESTDIR)$(SYSUSERSDIR)/chat-relay.conf

uninstall:
	rm -f $(PROGS:%=$(DESTDIR)$(BINDIR)/%) \
	    $(SCRIPTS:%=$(DESTDIR)$(BINDIR)/%) \
	    $(DESTDIR)$(UNITDIR)/chat-relay.service \
	    $(DESTDIR)$(SYSUSERSDIR)/chat-relay.conf
	for p in $(PROGS) $(SCRIPTS); do rm -f $(DESTDIR)$(BASHDIR)/$$p \
	    $(DESTDIR)$(ZSHDIR)/_$$p $(DESTDIR)$(FISHDIR)/$$p.fish; done
	for p in $(PAGES); do \
	    rm -f $(DESTDIR)$(MANDIR)/man$${p##*.}/$${p#man/}; done

# The same bytes for the same commit, wherever and whenever.  The packages are
# made of these.
DIST    = chat-$(VERSION)
dist:
	@[ -e .git ] || { echo 'dist: this is not a git checkout' >&2; exit 1; }
	@git diff --quiet HEAD || echo 'dist: left out: uncommitted changes' >&2
	@mkdir -p build
	git -c tar.umask=0022 archive --prefix=$(DIST)/ -o build/$(DIST).tar HEAD
	gzip -9nf build/$(DIST).tar

deb: dist
	rm -rf build/deb
	mkdir build/deb
	tar xzf build/$(DIST).tar.gz -C build/deb
	cd build/deb/$(DIST) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	    dpkg-buildpackage -us -uc $(DEBFLAGS)

clean:
	rm -rf build $(BINS)

.PHONY: all help fuzz check proof check-vm check-arm64 units demo bench lint \
    install install-relay uninstall dist deb clean FORCE
.PRECIOUS: build/bin/%.o build/fuzz/lib/%.o
