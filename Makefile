# SPDX-License-Identifier: MIT
# StoFlow on CGI. `make help` lists what there is to make.
#
# No command runs while this file is read: on a fresh machine there is no
# compiler yet, and `make run` and `make check` install one first. Therefore
# every $(shell …) below stands in a variable that only recipes expand.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

PROGRAMS := $(sort $(patsubst cgi-bin/%.c,%,$(wildcard cgi-bin/*.c)))
UNITS := $(sort $(patsubst tests/unit/%.c,%, \
    $(wildcard tests/unit/*/test_*.c)))
LIBRARY := $(sort $(patsubst %.c,%.o,$(wildcard lib/*/*.c)))
UNIT_HELPERS := $(sort $(patsubst %.c,%.o, \
    $(filter-out $(UNITS:%=tests/unit/%.c),$(wildcard tests/unit/*/*.c))))
TESTS := $(sort $(wildcard tests/*.t))
PAGES := $(sort $(wildcard man/*.[1-8]))
SITE := $(sort $(wildcard $(addprefix www/,*.html *.css *.yaml app/*.js \
    $(addprefix client/,*.py *.md *.toml py.typed examples/*.py))))

# --- What may be set on the command line -------------------------------------
PORT = 8000
ROOT =
FASTCGI =
DESTDIR =
PREFIX = /srv/stoflow
JOBS = $(shell nproc)
# What a program that lives for a millisecond costs is the pages it touches.
CFLAGS = -Os
LDFLAGS =
V =

# `make V=1` shows whole commands, otherwise one short line stands for each.
RUN = $(if $(V),,@echo '  $(1)' &&)

# --- How everything is compiled ----------------------------------------------
STANDARD := -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
    -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wundef \
    -Wformat=2 -Wwrite-strings
INCLUDES := -iquote build -isystem build/include

# The rooms of lib/, from the ground up. A file includes headers of its own room
# and of those below it; the compiler does not find any other. It then comes
# upon what stands for that one in build/upstairs, which says why. Programs and
# tests may include all.
ROOMS := text json spool settings task queue lifecycle catalog upkeep http page
SEEN :=
$(foreach room,$(ROOMS),$(eval SEEN += -iquote lib/$(room)) \
    $(eval SEARCH_lib/$(room)/ := $(SEEN) -iquote build/upstairs))
SEARCH_tests = $(SEEN) $(patsubst %,-iquote tests/unit%,/ $(ROOMS:%=/%))
# Where the source $(1) looks for what it includes.
SEARCH = $(or $(SEARCH_$(dir $(1))),$(if $(filter tests/%,$(1)), \
    $(SEARCH_tests),$(SEEN))) $(INCLUDES)
PUBLIC := $(wildcard lib/*/*.h)

# The sanitizers' own libraries are linked in: a test starts thousands of
# programs, each of which then takes a third less to start.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
    -fno-omit-frame-pointer -static-libasan -static-libubsan

# A variant is a folder build/NAME, a compiler and its flags. The programs are
# static against musl (fastest to start, run on any Linux host), or against
# glibc where that cannot be had: etc/toolchain finds out.
CC_release = $(shell cat build/toolchain 2>/dev/null)
FLAGS_release = $(CFLAGS) -ffunction-sections -fdata-sections
CC_debug = gcc
FLAGS_debug = -O1 -g
CC_asan = gcc
FLAGS_asan = -O1 -g $(SANITIZE)
CC_lint-gcc = gcc
CC_lint-clang = clang
CC_lint-musl = musl-gcc
FLAGS_lint-gcc = $(CFLAGS) -Werror
FLAGS_lint-clang = $(FLAGS_lint-gcc)
FLAGS_lint-musl = $(FLAGS_lint-gcc)
CC_fuzz = clang
# clang does not tell a source of the sanitizer as gcc does.
FLAGS_fuzz = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
    -U__SANITIZE_ADDRESS__ -D__SANITIZE_ADDRESS__
CC_steps = gcc
FLAGS_steps = -O1 -g
# Flags for lib/ alone.
LIBRARY_steps = -include tests/fuzz/counted.h -fsanitize-coverage=trace-pc
CC_coverage = gcc
FLAGS_coverage = -O0 -g --coverage
VARIANTS := release debug asan lint-gcc lint-clang lint-musl fuzz steps coverage

# musl-gcc sees neither Debian's libraries nor its headers: the archives are
# given by their full path, the headers through a folder of links.
ARCHIVES = $(foreach name,inih md b64 utf8proc fcgi, \
    $(shell gcc -print-file-name=lib$(name).a))
LINKED := ini.h jsmn.h sha2.h b64 utf8proc.h fcgiapp.h
# A function of each object that we take from the archives.
ENTRIES := ini_parse_stream SHA256Update base64_decode_block \
    utf8proc_decompose_char FCGX_Accept_r
# What musl lacks of what these want.
LACKING := lib/http/fortified

# --- Programs ----------------------------------------------------------------
.PHONY: all help FORCE
all: $(PROGRAMS:%=cgi-bin/%)

help:
	@sed -n 's/^#: //p' Makefile

#: make                    the programs, as cgi-bin/NAME
$(PROGRAMS:%=cgi-bin/%): cgi-bin/%: build/release/cgi-bin/%.o \
    build/release/libstoflow.a build/release/$(LACKING).o
	$(call RUN,link $@) $(CC_release) -static -s \
	    -Wl,--gc-sections,-z,noseparate-code $(LDFLAGS) -o $@.part \
	    $(filter-out %/$(LACKING).o,$^) $(ARCHIVES) $(filter %/$(LACKING).o,$^)
	@mv $@.part $@

define VARIANT_RULES
build/$(1)/%.o: %.c build/$(1)/command | build/include/linked \
    build/upstairs/made build/version.h
	@mkdir -p $$(@D)
	$$(call RUN,compile $$@) $$(CC_$(1)) $$(STANDARD) $$(FLAGS_$(1)) \
	    $$(if $$(filter lib/%,$$<),$$(LIBRARY_$(1))) \
	    $$(WARNINGS) $$(call SEARCH,$$<) -MMD -MP -c -o $$@ $$<
	@! grep '/\.\./' $$(@:.o=.d) || \
	    { rm $$@; echo '$$<: an include names no folder' >&2; exit 1; }

# Holds the compiler and its flags, so that a change of them rebuilds.
build/$(1)/command: FORCE
	@$$(call REWRITE,printf '%s\n' \
	    '$$(CC_$(1)) $$(STANDARD) $$(FLAGS_$(1)) $$(LIBRARY_$(1))' \
	    '$$(WARNINGS) $$(SEEN)')

build/$(1)/libstoflow.a: $(LIBRARY:%=build/$(1)/%)
	@rm -f $$@
	$$(call RUN,archive $$@) ar rcs $$@ $$^
endef

# The library and the objects of one variant, linked with the C library of the
# machine: $(1) variant, $(2) further libraries.
define LINK
@mkdir -p $(@D)
$(call RUN,link $@) $(CC_$(1)) $(FLAGS_$(1)) $(LDFLAGS) -o $@ \
    $(filter %.o %.a,$^) $(ARCHIVES) $(2)
endef

# Runs $(1) and keeps its output in $@, touching $@ only if that changed.
REWRITE = mkdir -p $(@D) && { $(1); } > $@.part && \
    if cmp -s $@.part $@; then rm $@.part; else mv $@.part $@; fi

$(foreach variant,$(VARIANTS),$(eval $(call VARIANT_RULES,$(variant))))

build/toolchain: FORCE
	@mkdir -p $(@D) && etc/toolchain $@ $(ENTRIES) $(LACKING).c $(ARCHIVES)

build/release/command: build/toolchain

build/include/linked: Makefile
	@mkdir -p $(@D)
	@cd $(@D) && ln -sfn $(LINKED:%=/usr/include/%) . && touch $(@F)

build/upstairs/made: Makefile $(PUBLIC)
	@rm -rf $(@D) && mkdir -p $(@D)
	@set -e; for header in $(PUBLIC); do \
	    printf '#error %s is upstairs: %s %s\n' "$$header" \
	        'a file of lib/ includes its room and those below, from the ground:' \
	        '$(ROOMS)' > "$(@D)/$${header##*/}"; \
	done
	@touch $@

# A release archive carries a file VERSION instead of the history.
build/version.h: FORCE
	@$(call REWRITE,printf '#define STOFLOW_VERSION "%s"\n' "$$( \
	    { test -e .git && git --no-optional-locks describe --always --dirty \
	    || cat VERSION || echo unknown; } 2>/dev/null)")

# --- The browser extension ---------------------------------------------------
PLUGIN := $(sort $(foreach depth,* */* */*/*,$(wildcard www/plugin/$(depth).*)))

#: make plugin             the extension, as www/stoflow.xpi
plugin: www/stoflow.xpi

www/stoflow.xpi: etc/pack-plugin $(PLUGIN)
	$(call RUN,pack $@) etc/pack-plugin www/plugin $@

# --- Running and installing --------------------------------------------------
#: make run                a web server on 127.0.0.1, PORT=8000, over this
#:                         folder, or over ROOT=/some/dir; with FASTCGI=1 by
#:                         processes that stay
run:
	@etc/setup run
	$(BUILD) all plugin
	@etc/run $(if $(FASTCGI),--fastcgi) '$(PORT)' $(if $(ROOT),'$(ROOT)')

# An installed tree is a root by itself, as this one is: the programs find etc/
# and spool/ beside their own folder. Settings and a queue that are there
# already stay.
TREE = $(DESTDIR)$(PREFIX)

#: make install            a root of its own under PREFIX=/srv/stoflow
install: all
	install -d -m 755 '$(TREE)' '$(TREE)/etc' '$(TREE)/cgi-bin' '$(TREE)/www'
	install -d -m 700 '$(TREE)/etc/tokens'
	test -e '$(TREE)/spool' || install -d -m 700 '$(TREE)/spool'
	$(if $(PROGRAMS),install -m 755 $(PROGRAMS:%=cgi-bin/%) '$(TREE)/cgi-bin')
	install -m 755 etc/new-token '$(TREE)/etc'
	install -m 644 etc/lighttpd.conf etc/lighttpd-fastcgi.conf \
	    etc/nginx.conf etc/apache.conf etc/htaccess etc/crontab \
	    '$(TREE)/etc'
	test -e '$(TREE)/etc/stoflow.ini' || \
	    install -m 644 etc/stoflow.ini '$(TREE)/etc'
	set -e; for file in $(SITE) $(wildcard www/stoflow.xpi spool/README.md); do \
	    install -D -m 644 "$$file" '$(TREE)'"/$$file"; \
	done
	set -e; for page in $(PAGES); do \
	    install -D -m 644 "$$page" \
	        '$(TREE)'"/share/man/man$${page##*.}/$${page##*/}"; \
	done

#: make dist               build/stoflow-VERSION.tar.gz of the last commit
dist:
	@version=$$(git describe --always) && mkdir -p build && \
	printf '%s\n' "$$version" > build/VERSION && \
	git archive --prefix="stoflow-$$version/" --add-file=build/VERSION \
	    -o "build/stoflow-$$version.tar.gz" HEAD && \
	echo "build/stoflow-$$version.tar.gz"

# --- Tests -------------------------------------------------------------------
# prove runs every test by itself (--exec ''): C programs and Python scripts,
# each of which writes TAP. One in a browser waits half of its time.
PROVE = CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' --timer --failures \
    --comments --jobs
BROWSERS = $(shell expr $(JOBS) + 1)
VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=full \
    --errors-for-leak-kinds=definite,indirect,possible

# What a unit test may let fail: tests/unit/text/fault.h.
FAULTY := malloc calloc realloc strdup fdopendir openat64 read pread64 write \
    pwrite64 fsync close fstat64 fstatat64 fstatvfs64 fstatfs64 fchmod \
    fchmodat futimens utimensat linkat renameat unlinkat mkdirat fcntl64 \
    getrandom readlink syscall faccessat

define UNIT_RULES
$(UNITS:%=build/$(1)/unit/%): build/$(1)/unit/%: build/$(1)/tests/unit/%.o \
    $(UNIT_HELPERS:%=build/$(1)/%) build/$(1)/libstoflow.a
	$$(call LINK,$(1),-lcmocka $(FAULTY:%=-Xlinker --wrap=%))
endef
$(foreach variant,debug asan coverage,$(eval $(call UNIT_RULES,$(variant))))

$(PROGRAMS:%=build/asan/cgi-bin/%): %: %.o build/asan/libstoflow.a
	$(call LINK,asan)

# What is left to do after an answer ends by _exit(2), which keeps no counts.
# Static as ours are, they run where a host lets hardly any file be open.
$(PROGRAMS:%=build/coverage/cgi-bin/%): %: %.o \
    build/coverage/tests/coverage/exit.o build/coverage/libstoflow.a
	$(call LINK,coverage,-static -Xlinker --wrap=_exit)

# What answers each request twice, for tests/twice.t.
build/debug/twice build/asan/twice: build/%/twice: build/%/tests/twice.o \
    build/%/libstoflow.a
	$(call LINK,$*)

# What runs on a head whose clock is ahead, for tests/heads.t.
$(PROGRAMS:%=build/ahead/%): build/ahead/%: build/debug/cgi-bin/%.o \
    build/debug/tests/ahead.o build/debug/libstoflow.a
	$(call LINK,debug,-Xlinker --wrap=syscall)

.PHONY: ahead
ahead: $(PROGRAMS:%=build/ahead/%) ;

# The library's own objects over a kernel in memory: each system call that
# calls.list names is linked to the function __wrap_NAME. A test of a part takes
# from the archive what it does not define itself.
SIMULATE := $(sort $(patsubst %.c,%.o,$(wildcard tests/simulate/*.c)))
SIMULATE_TESTS := $(sort $(patsubst tests/%.c,build/debug/unit/%, \
    $(wildcard tests/simulate/*_test.c)))
WRAPPED = $(shell sed -n 's/^[a-z_0-9][a-z_0-9]*$$/-Wl,--wrap=&/p' \
    tests/simulate/calls.list)
build/debug/libsimulate.a: $(patsubst %,build/debug/%, \
    $(filter-out %_test.o %/main.o,$(SIMULATE)))
	@rm -f $@
	$(call RUN,archive $@) ar rcs $@ $^

build/debug/simulate: $(patsubst %,build/debug/%, \
    $(filter-out %_test.o,$(SIMULATE))) build/debug/libstoflow.a \
    tests/simulate/calls.list
	$(call LINK,debug,$(WRAPPED))

$(SIMULATE_TESTS): build/debug/unit/%: build/debug/tests/%.o \
    build/debug/libsimulate.a tests/simulate/calls.list
	$(call LINK,debug,$(WRAPPED) -lcmocka)

# One wrapper for each unit test, so that prove counts it as a test.
$(UNITS:%=build/debug/valgrind/%): build/debug/valgrind/%: build/debug/unit/% \
    Makefile
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nexec %s %s\n' '$(VALGRIND)' '$<' > $@
	@chmod +x $@

.PHONY: units units-asan units-valgrind setup plugin run check check-asan \
    check-valgrind check-browser simulate faults slow bench lint install dist \
    clean
units: $(UNITS:%=build/debug/unit/%) build/debug/twice build/debug/simulate \
    $(SIMULATE_TESTS) ;
units-valgrind: $(UNITS:%=build/debug/valgrind/%) ;
# What tries something at each single call takes minutes there: under the
# sanitizers, which look for the same, it takes seconds.
GROUND := $(filter-out %_fault lifecycle/test_step_% lifecycle/test_execute, \
    $(UNITS))
units-asan: $(UNITS:%=build/asan/unit/%) $(PROGRAMS:%=build/asan/cgi-bin/%) \
    build/asan/twice ;

# The targets below first install what they need, then build with a make of
# its own, which sees the machine as it is after that.
BUILD = @$(MAKE) --no-print-directory --jobs=$(JOBS)

#: make check              every test but those in browsers
check:
	@etc/setup check
	$(BUILD) all units units-valgrind
	@$(PROVE) $(JOBS) $(UNITS:%=build/debug/unit/%) $(SIMULATE_TESTS) \
	    $(GROUND:%=build/debug/valgrind/%) $(TESTS)

# The simulator has stacks and a memory of its own, which sanitizers would take
# for faults. The others build their programs themselves.
#: make check-asan         the same tests with AddressSanitizer and UBSan
check-asan: export STOFLOW_BIN = $(CURDIR)/build/asan/cgi-bin
check-asan: export ASAN_OPTIONS = exitcode=86:halt_on_error=1
check-asan: export UBSAN_OPTIONS = $(ASAN_OPTIONS):print_stacktrace=1
check-asan:
	@etc/setup check
	$(BUILD) units-asan
	@$(PROVE) $(JOBS) $(UNITS:%=build/asan/unit/%) \
	    $(filter-out $(patsubst %,tests/%.t,simulate bench checkout heads), \
	        $(TESTS))

#: make check-valgrind     the unit tests under valgrind
check-valgrind:
	@etc/setup check
	$(BUILD) units-valgrind
	@$(PROVE) $(JOBS) $(UNITS:%=build/debug/valgrind/%)

#: make check-browser      the extension in Firefox and in Chromium
check-browser:
	@etc/setup browser
	$(BUILD) all plugin
	@$(PROVE) $(BROWSERS) $(sort $(wildcard tests/browser/*.t))

# A fuzz target is tests/fuzz/fuzz_NAME.c. It becomes two programs: one that
# libFuzzer drives under the sanitizers, and one that counts steps.
FUZZED := $(sort $(patsubst tests/fuzz/fuzz_%.c,%, \
    $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SHARED := tests/fuzz/fuzz.o tests/unit/json/json_oracle.o \
    tests/unit/spool/remove_tree.o
FUZZ_ENTRY_fuzz := tests/fuzz/entry.o
FUZZ_ENTRY_steps := tests/fuzz/steps.o tests/fuzz/counted.o
FUZZ_LINK_fuzz := -fsanitize=fuzzer
FUZZ_SECONDS = $(or $(SECONDS),$(STOFLOW_SECONDS),10)

define FUZZ_RULES
$(FUZZED:%=build/$(1)/bin/%): build/$(1)/bin/%: \
    build/$(1)/tests/fuzz/fuzz_%.o \
    $(FUZZ_SHARED:%=build/$(1)/%) $(FUZZ_ENTRY_$(1):%=build/$(1)/%) \
    build/$(1)/libstoflow.a
	$$(call LINK,$(1),$(FUZZ_LINK_$(1)))
endef
$(foreach variant,fuzz steps,$(eval $(call FUZZ_RULES,$(variant))))

.PHONY: fuzzers fuzz
fuzzers: $(FUZZED:%=build/fuzz/bin/%) $(FUZZED:%=build/steps/bin/%) ;

#: make fuzz               every parser with invented bytes, SECONDS=10 each
fuzz:
	@etc/setup fuzz
	$(BUILD) fuzzers
	@tests/fuzz/run --jobs=$(JOBS) --seconds=$(FUZZ_SECONDS) $(FUZZED)

# What the tests reach of lib/: the unit tests, and those from outside but for
# the campaigns, which do the same again and again, and what runs none of the
# programs.
UNCOUNTED := bench between client-answers crash docs faults heads links \
    new-token openapi powerloss race rooms setup simulate twice words
COUNTED := $(filter-out $(UNCOUNTED:%=tests/%.t),$(TESTS))
AND_YET := echo 'Some tests failed; what they reached is counted.'

.PHONY: units-coverage coverage
units-coverage: $(UNITS:%=build/coverage/unit/%) \
    $(PROGRAMS:%=build/coverage/cgi-bin/%) ;

#: make coverage           which lines and branches of lib/ the tests reach
coverage: export STOFLOW_BIN = $(CURDIR)/build/coverage/cgi-bin
coverage:
	@etc/setup check
	$(BUILD) units-coverage
	@find build/coverage -name '*.gcda' -delete
	@$(PROVE) $(JOBS) $(UNITS:%=build/coverage/unit/%) || $(AND_YET)
	@# For programs of nobody's.
	@find build/coverage -type d -exec chmod a+rwx {} +
	@find build/coverage -name '*.gcda' -exec chmod a+rw {} +
	@$(PROVE) $(JOBS) $(COUNTED) || $(AND_YET)
	@tests/coverage/report

# Given on the command line, or empty: PROGRAMS is ours otherwise.
SIMULATED := SEED SCHEDULES SECONDS PROFILE PROGRAMS FAULTS QUEUE KEEP \
    PROCESSES
GIVEN = $(name)='$(if $(filter file,$(origin $(name))),,$($(name)))'

#: make simulate           the programs in every order, in a kernel in memory:
#:                         SECONDS=60 or SCHEDULES=100000, SEED=..., PROFILE=...
simulate:
	@etc/setup check
	$(BUILD) build/debug/simulate
	@build/debug/simulate $(foreach name,$(SIMULATED),$(GIVEN))

#: make faults             deliberate faults, which the simulator must find:
#:                         FAULTS='words of a name', SECONDS=30 for each
faults:
	@etc/setup check
	$(BUILD) all units
	@tests/faults/run $(foreach name,FAULTS SECONDS SEED PROCESSES, \
	    $(name)='$($(name))')

#: make slow               build/slow: runs tests as on a slow machine
slow: build/slow

build/slow: tests/slow.c
	@mkdir -p $(@D)
	$(call RUN,compile $@) gcc $(STANDARD) $(WARNINGS) -O2 -pthread -o $@ $<

#: make bench              the budgets, measured
bench:
	@etc/setup bench
	$(BUILD) all
	@tests/bench/run

# --- Lint --------------------------------------------------------------------
SOURCES := $(sort $(wildcard lib/*/*.c cgi-bin/*.c tests/*.c \
    tests/unit/*/*.c tests/fuzz/*.c tests/coverage/*.c tests/simulate/*.c))
HEADERS := $(sort $(PUBLIC) $(wildcard tests/unit/*.h tests/unit/*/*.h \
    tests/fuzz/*.h tests/simulate/*.h))
FORMATTED := $(SOURCES) $(HEADERS)
# One release of clang-format wants another layout than the next, and a newer
# clang-tidy finds more. Debian 13's have the names with a number on Debian 12,
# so that lint says the same on both; where there are none, the release's own
# are newer. The compiler is the release's own everywhere.
CLANG_FORMAT = $$(command -v clang-format-19 || echo clang-format)
TIDY = $$(command -v clang-tidy-19 || echo clang-tidy) --quiet
CPPCHECK = cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
    --enable=warning,style,performance,portability -j $(JOBS) \
    -U__clang_analyzer__ \
    --suppressions-list=etc/cppcheck.suppressions \
    --cppcheck-build-dir=build/cppcheck
SCRIPTS = $(shell find etc .ci tests -name node_modules -prune -o \
    -type f -exec \
    awk 'FNR == 1 && /^\#!.*\/(ba)?sh/ { print FILENAME }' {} +)
STRICT := lint-gcc lint-clang lint-musl

.PHONY: lint-all lint-format lint-cppcheck lint-shell lint-man lint-types
lint-all: lint-format lint-cppcheck lint-shell lint-man lint-types \
    $(SOURCES:%.c=build/lint/%.tidy) \
    $(foreach variant,$(STRICT),$(patsubst %.c,build/$(variant)/%.o, \
    $(filter-out $(if $(filter %musl,$(variant)),tests/%),$(SOURCES))))

lint-format:
	@$(if $(FORMATTED),$(CLANG_FORMAT) --dry-run -Werror $(FORMATTED))

lint-cppcheck: build/version.h
	@mkdir -p build/cppcheck
	@$(if $(SOURCES),$(CPPCHECK) $(SEARCH_tests:-iquote=-I) -Ibuild $(SOURCES))

lint-shell:
	@shellcheck $(SCRIPTS)

lint-man:
	@$(if $(PAGES),mandoc -T lint -W warning $(PAGES))

# The client promises its callers types, so it is held to them.
lint-types:
	@cd www/client && mypy --no-error-summary --cache-dir ../../build/mypy

build/lint/%.tidy: %.c .clang-tidy $(HEADERS) \
    | build/include/linked build/upstairs/made build/version.h
	@mkdir -p $(@D)
	$(call RUN,tidy $<) $(TIDY) $< -- $(STANDARD) $(WARNINGS) $(call SEARCH,$<)
	@touch $@

#: make lint               layout, two analysers, -Werror under three compilers
lint:
	@etc/setup lint
	$(BUILD) --output-sync=target --keep-going lint-all

# --- Clean-up ----------------------------------------------------------------
#: make clean              removes what make made, never what a run wrote
clean:
	rm -rf build www/stoflow.xpi $(PROGRAMS:%=cgi-bin/%)

-include $(foreach variant,$(VARIANTS),$(patsubst %.o,build/$(variant)/%.d, \
    $(LIBRARY) $(UNIT_HELPERS) $(PROGRAMS:%=cgi-bin/%.o) \
    $(UNITS:%=tests/unit/%.o) tests/twice.o tests/ahead.o $(FUZZ_SHARED) \
    $(FUZZED:%=tests/fuzz/fuzz_%.o) $(FUZZ_ENTRY_fuzz) $(FUZZ_ENTRY_steps) \
    $(SIMULATE)))
