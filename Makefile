# Everything a newcomer runs. Build output and the Python environment live outside the clone, so that a
# fresh clone of a machine that built before does not build the AWS SDK again.

CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/tuner
export CARGO_TARGET_DIR ?= $(CACHE)/target
export TUNER_TEST_PYTHON = $(shell scripts/venv-path "$(CACHE)")
export TUNER_TEST_EMULATOR_PYTHON = $(shell scripts/venv-path "$(CACHE)" tests/second_emulator/requirements.txt)
export TUNER_TEST_OIDC_PROVIDER = $(shell scripts/oidc-provider-path "$(CACHE)")

.PHONY: help build demo test security security-quick check bench venv emulator mariadb oidc-provider shellcheck

help: ## Show what there is to run
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## Build the tuner binary and the tests, from one build of the dependencies
	cargo build --locked --bins --tests

demo: venv build ## Link and scan two customers on an AWS stand-in; DEMO_ONCE=1 ends after printing
	@DEMO_ONCE="$(DEMO_ONCE)" "$(TUNER_TEST_PYTHON)" demo/demo.py --tuner "$(CARGO_TARGET_DIR)/debug/tuner"

test: venv emulator mariadb oidc-provider shellcheck ## Run all tests; installs and starts what they need
	PYTHONPATH=tests/aws PYTHONDONTWRITEBYTECODE=1 "$(TUNER_TEST_PYTHON)" -m unittest discover -q -s tests/aws/tests
	cargo test --locked
	@$(MAKE) --no-print-directory security-quick

security: venv build ## Try it with other people's security tools; installs them, some ten minutes
	@scripts/security/run "$(CARGO_TARGET_DIR)/debug/tuner" "$(CACHE)" all

security-quick: venv build
	@scripts/security/run "$(CARGO_TARGET_DIR)/debug/tuner" "$(CACHE)" quick

check: ## Formatting and lints, warnings denied
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

bench: ## Measure CPU, calls, memory and wall time on fleets of 10k and 100k resources, the rules on 1M
	cargo build --locked --release --features bench --bin tuner --bin rule_scale
	cargo build --locked --example fast_stand_in
	@scripts/bench "$(CARGO_TARGET_DIR)/release/tuner" "$(CARGO_TARGET_DIR)/debug/examples/fast_stand_in"
	@scripts/bench-rules "$(CARGO_TARGET_DIR)/release/rule_scale"
	@scripts/bench-sign-in "$(CARGO_TARGET_DIR)/release/tuner"
	@scripts/bench-scheduler "$(CARGO_TARGET_DIR)/release/tuner" "$(CARGO_TARGET_DIR)/debug/examples/fast_stand_in"
	cargo run --locked --release --example schedule_scale

venv:
	@scripts/install-venv "$(TUNER_TEST_PYTHON)"

emulator:
	@scripts/install-venv "$(TUNER_TEST_EMULATOR_PYTHON)" tests/second_emulator/requirements.txt "the second AWS emulator"

# Which package has my_print_defaults changed between releases of the distribution: both are asked for.
mariadb:
	@[ -n "$(TUNER_TEST_MYSQL_URL)" ] || INSTEAD="set TUNER_TEST_MYSQL_URL=mysql://user:password@host/" \
		scripts/install-package MariaDB "mariadb-server-core mariadb-client-core" mariadbd mariadb-install-db my_print_defaults

oidc-provider:
	@scripts/install-oidc-provider "$(TUNER_TEST_OIDC_PROVIDER)"

shellcheck:
	@scripts/install-package ShellCheck shellcheck shellcheck
