/* test_filter_walk.c - every system call through the generated filter, against the table that it was made of.
 *
 * A small interpreter runs the program as the kernel would, on every call number, every architecture's token
 * and arguments that meet and miss each condition of the call's rows; `expected` reads the table. Every
 * instruction must have been executed, and every conditional jump have gone both ways: what was not tried is
 * not known.
 *
 * Some of it nothing can reach, and `find_possible` proves which: after calls 3, 2 and 1 the library compares
 * with 0 what can only be 0; it looks at an argument's upper half even where a mask has nothing in it; it
 * leaves an instruction that nobody jumps to. Those are counted, and all others are wanted.
 *
 * Both architectures' programs are walked on either: the library translates the numbers, and the values in
 * the conditions are the same on both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "filter_generate.h"
#include "filter_table.h"

enum {
	NUMBERS = 1024,
	ROWS_A_CALL = 32,
	VALUES_AN_ARGUMENT = 512,
	ARGUMENTS = 6,
	X32 = 0x40000000,
};

/* ---- the interpreter ---- */

enum { EXECUTED = 1, TRUE_SIDE = 2, FALSE_SIDE = 4 };

struct machine {
	const struct sock_fprog *program;
	unsigned char seen[BPF_MAXINSNS];
};

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t word;
	if (offset % sizeof word != 0 || offset > sizeof *data - sizeof word)
		fail_msg("a load of offset %u", offset);
	memcpy(&word, (const char *)data + offset, sizeof word);
	return word;
}

static bool compare(const struct sock_filter *at, uint32_t accumulator)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ: return accumulator == at->k;
	case BPF_JGT: return accumulator > at->k;
	case BPF_JGE: return accumulator >= at->k;
	default: fail_msg("a jump of code %#x", at->code);
	}
	return false;
}

/* What the library emits, of what seccomp(2) admits; anything else is a failure, not a guess. */
static uint32_t run(struct machine *machine, const struct seccomp_data *data)
{
	uint32_t accumulator = 0;
	for (size_t pc = 0; pc < machine->program->len; pc++) {
		const struct sock_filter *at = &machine->program->filter[pc];
		machine->seen[pc] |= EXECUTED;
		switch (at->code) {
		case BPF_LD | BPF_W | BPF_ABS: accumulator = load(data, at->k); break;
		case BPF_ALU | BPF_AND | BPF_K: accumulator &= at->k; break;
		case BPF_JMP | BPF_JA: pc += at->k; break;
		case BPF_RET | BPF_K: return at->k;
		default:
			if (BPF_CLASS(at->code) != BPF_JMP || BPF_SRC(at->code) != BPF_K)
				fail_msg("instruction %zu has code %#x", pc, at->code);
			bool truth = compare(at, accumulator);
			machine->seen[pc] |= truth ? TRUE_SIDE : FALSE_SIDE;
			pc += truth ? at->jt : at->jf;
		}
	}
	fail_msg("the program has no end");
	return 0;
}

/* ---- what the interpreter could go through, and did ---- */

struct range {
	int64_t low, high; /* empty when low > high */
};

static bool is_empty(struct range range)
{
	return range.low > range.high;
}

static bool is_condition(const struct sock_filter *at)
{
	return BPF_CLASS(at->code) == BPF_JMP && BPF_OP(at->code) != BPF_JA;
}

/* What the accumulator can be on one side of a conditional jump. */
static struct range narrow(const struct sock_filter *at, struct range range, bool truth)
{
	const int64_t k = at->k;
	const struct range nothing = { 1, 0 };
	if (BPF_OP(at->code) == BPF_JEQ && truth)
		return range.low <= k && k <= range.high ? (struct range){ k, k } : nothing;
	if (BPF_OP(at->code) == BPF_JEQ)
		return (struct range){ range.low + (range.low == k), range.high - (range.high == k) };
	int64_t least = BPF_OP(at->code) == BPF_JGT ? k + 1 : k; /* that is true */
	if (truth)
		return (struct range){ range.low > least ? range.low : least, range.high };
	return (struct range){ range.low, range.high < least ? range.high : least - 1 };
}

static void flow(struct range *into, struct range range)
{
	if (is_empty(*into)) {
		*into = range;
	} else if (!is_empty(range)) {
		into->low = into->low < range.low ? into->low : range.low;
		into->high = into->high > range.high ? into->high : range.high;
	}
}

/* Jumps go forward only: one pass sees every way to an instruction before the instruction. */
static void find_possible(const struct sock_fprog *program, unsigned char *possible)
{
	static struct range ranges[BPF_MAXINSNS + 256];
	for (size_t pc = 0; pc < sizeof ranges / sizeof ranges[0]; pc++)
		ranges[pc] = (struct range){ pc > 0, 0 };
	for (size_t pc = 0; pc < program->len; pc++) {
		const struct sock_filter *at = &program->filter[pc];
		struct range range = ranges[pc];
		possible[pc] = is_empty(range) ? 0 : EXECUTED;
		if (is_empty(range) || BPF_CLASS(at->code) == BPF_RET)
			continue;
		if (is_condition(at)) {
			struct range yes = narrow(at, range, true), no = narrow(at, range, false);
			possible[pc] |= (is_empty(yes) ? 0 : TRUE_SIDE) | (is_empty(no) ? 0 : FALSE_SIDE);
			flow(&ranges[pc + 1 + at->jt], yes);
			flow(&ranges[pc + 1 + at->jf], no);
		} else if (BPF_CLASS(at->code) == BPF_JMP) {
			flow(&ranges[pc + 1 + at->k], range);
		} else if (BPF_CLASS(at->code) == BPF_LD) {
			flow(&ranges[pc + 1], (struct range){ 0, UINT32_MAX });
		} else {
			flow(&ranges[pc + 1], (struct range){ 0, at->k }); /* and */
		}
	}
}

static int bits(unsigned int set)
{
	return __builtin_popcount(set);
}

/* Prints what was not tried. */
static void check_coverage(const char *story, const struct machine *machine)
{
	static unsigned char possible[BPF_MAXINSNS];
	int wanted = 0, had = 0, impossible = 0;
	find_possible(machine->program, possible);
	for (size_t pc = 0; pc < machine->program->len; pc++) {
		const struct sock_filter *at = &machine->program->filter[pc];
		unsigned int all = EXECUTED | (is_condition(at) ? TRUE_SIDE | FALSE_SIDE : 0);
		unsigned int missing = possible[pc] & ~(unsigned int)machine->seen[pc];
		wanted += bits(possible[pc]);
		had += bits(machine->seen[pc]);
		impossible += bits(all) - bits(possible[pc]);
		if (missing)
			print_error("%s: instruction %zu (code %#x, k %#x):%s%s%s\n", story, pc, at->code,
				    at->k, missing & EXECUTED ? " never executed" : "",
				    missing & TRUE_SIDE ? " never true" : "",
				    missing & FALSE_SIDE ? " never false" : "");
	}
	print_message(
		"%s: %u instructions; tried %d of %d instructions and sides; %d more nothing can reach\n",
		story, machine->program->len, had, wanted, impossible);
	assert_int_equal(had, wanted);
}

/* ---- the table, read ---- */

struct walk {
	const char *story;
	uint32_t architecture;
	struct machine filter;
	struct machine *program_only; /* what a program has on top of its init's filter, or NULL */
	const struct rule *rows[NUMBERS][ROWS_A_CALL];
	size_t cases;
};

static void add_row(struct walk *walk, const struct rule *rule)
{
	char names[512], *save = NULL;
	assert_in_range(snprintf(names, sizeof names, "%s", rule->names), 1, sizeof names - 1);
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		int number = filter_call_number(walk->architecture, name);
		if (number < 0)
			continue;
		assert_in_range(number, 0, NUMBERS - 1);
		size_t row = 0;
		while (walk->rows[number][row])
			row++;
		assert_in_range(row, 0, ROWS_A_CALL - 2); /* the last stays NULL */
		walk->rows[number][row] = rule;
	}
}

static bool meets(const struct seccomp_data *data, const struct condition *condition)
{
	uint64_t argument = data->args[condition->argument];
	switch (condition->kind) {
	case EQUALS: return argument == condition->value;
	case DIFFERS: return argument != condition->value;
	case MASKED: return (argument & condition->mask) == condition->value;
	case NO_CONDITION: return true;
	}
	return false;
}

static uint32_t action(int answer)
{
	if (answer == ALLOWED)
		return SECCOMP_RET_ALLOW;
	return SECCOMP_RET_ERRNO | (answer == PRETENDED ? 0 : (uint32_t)answer);
}

/* `-1` as a number is what a tracer leaves who skips the call: no number of x32's. */
static bool is_foreign(const struct walk *walk, const struct seccomp_data *data)
{
	return data->arch != walk->architecture ||
	       (data->arch == AUDIT_ARCH_X86_64 && (uint32_t)data->nr >= X32 && data->nr != -1);
}

/* Rows that one call meets at once must agree: the library promises no order among them. */
static uint32_t expected(const struct walk *walk, const struct seccomp_data *data, bool for_init)
{
	uint32_t answer = SECCOMP_RET_ERRNO | ENOSYS;
	bool found = false;
	if (is_foreign(walk, data))
		return SECCOMP_RET_KILL_PROCESS;
	if ((uint32_t)data->nr >= NUMBERS)
		return answer;
	for (const struct rule *const *row = walk->rows[data->nr]; *row; row++) {
		if (*row == &filter_init_rule && !for_init)
			continue;
		if (!meets(data, &(*row)->conditions[0]) || !meets(data, &(*row)->conditions[1]))
			continue;
		if (found && answer != action((*row)->answer))
			fail_msg("%s: two rows answer call %d differently", walk->story, data->nr);
		found = true;
		answer = action((*row)->answer);
	}
	return answer;
}

/* ---- the walk ---- */

static void expect(const struct walk *walk, const struct seccomp_data *data, uint32_t answer, uint32_t wanted)
{
	if (answer != wanted)
		fail_msg("%s: call %#x of architecture %#x (%#llx, %#llx, %#llx, %#llx): %#x, the table says "
			 "%#x",
			 walk->story, data->nr, data->arch, data->args[0], data->args[1], data->args[2],
			 data->args[3], answer, wanted);
}

/* Of two filters the stricter answer counts: as signed numbers, the lower action (seccomp(2)). */
static uint32_t stricter(uint32_t left, uint32_t right)
{
	return (int32_t)(left & SECCOMP_RET_ACTION_FULL) < (int32_t)(right & SECCOMP_RET_ACTION_FULL) ? left
												      : right;
}

static void try_one(struct walk *walk, const struct seccomp_data *data)
{
	uint32_t answer = run(&walk->filter, data);
	expect(walk, data, answer, expected(walk, data, true));
	if (walk->program_only)
		expect(walk, data, stricter(answer, run(walk->program_only, data)),
		       expected(walk, data, false));
	walk->cases++;
}

struct values {
	size_t count;
	uint64_t list[VALUES_AN_ARGUMENT];
};

static void add_value(struct values *values, uint64_t value)
{
	assert_in_range(values->count, 0, VALUES_AN_ARGUMENT - 1);
	values->list[values->count++] = value;
}

/* Values that meet the condition and values that miss it narrowly, in either half of the argument. */
static void add_values(struct values *values, const struct condition *condition)
{
	uint64_t value = condition->value;
	if (condition->kind == MASKED) {
		add_value(values, value | ~condition->mask);
		for (unsigned int bit = 0; bit < 64; bit++) {
			add_value(values, value ^ 1ull << bit);
			add_value(values, (value | ~condition->mask) ^ 1ull << bit);
		}
		return;
	}
	add_value(values, value);
	add_value(values, value + 1);
	add_value(values, value - 1);
	add_value(values, value ^ 1ull << 31);
	add_value(values, value ^ 1ull << 32);
	add_value(values, value ^ 1ull << 63);
	add_value(values, value << 32);
}

/* Every combination of the values of the arguments from `argument` on. */
static void vary(struct walk *walk, struct seccomp_data *data, const struct values *values, int argument)
{
	if (argument == ARGUMENTS) {
		try_one(walk, data);
		return;
	}
	for (size_t i = 0; i < values[argument].count; i++) {
		data->args[argument] = values[argument].list[i];
		vary(walk, data, values, argument + 1);
	}
}

/* Arguments that no row looks at are all 0, then all ones. */
static void try_number(struct walk *walk, uint32_t architecture, uint32_t number)
{
	static struct values values[ARGUMENTS];
	static const uint64_t rests[] = { 0, ~0ull };
	for (size_t r = 0; r < 2; r++) {
		struct seccomp_data data = { .nr = (int)number, .arch = architecture };
		for (int argument = 0; argument < ARGUMENTS; argument++)
			values[argument].count = 0;
		for (const struct rule *const *row = walk->rows[number % NUMBERS]; *row; row++)
			for (size_t i = 0; i < RULE_CONDITIONS && (*row)->conditions[i].kind != NO_CONDITION;
			     i++)
				add_values(&values[(*row)->conditions[i].argument], &(*row)->conditions[i]);
		for (int argument = 0; argument < ARGUMENTS; argument++)
			add_value(&values[argument], rests[r]);
		vary(walk, &data, values, 0);
	}
}

static void try_architecture(struct walk *walk, uint32_t architecture)
{
	static const uint32_t outside[] = { NUMBERS,    4096,       100000,     X32 - 1,    X32 + NUMBERS,
					    0x7fffffff, 0x80000000, 0xc0000000, 0xfffffffe, 0xffffffff };
	for (uint32_t number = 0; number < NUMBERS; number++) {
		try_number(walk, architecture, number);
		try_number(walk, architecture, X32 | number);
	}
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
		try_number(walk, architecture, outside[i]);
}

static void walk_program(struct walk *walk, bool for_cgroup_v2)
{
	static const uint32_t architectures[] = {
		AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, 0, 0xffffffff
	};
	struct sock_fprog program;
	struct error err = { 0 };
	if (filter_generate(walk->architecture, for_cgroup_v2, &program, &err) < 0)
		fail_msg("%s", err.text);
	assert_in_range(program.len, 1, BPF_MAXINSNS);
	walk->filter.program = &program;
	for (size_t i = 0; i < filter_rule_count; i++)
		add_row(walk, &filter_rules[i]);
	if (for_cgroup_v2)
		add_row(walk, &filter_init_rule);
	for (size_t i = 0; i < sizeof architectures / sizeof architectures[0]; i++)
		try_architecture(walk, architectures[i]);
	print_message("%s: %zu calls\n", walk->story, walk->cases);
	check_coverage(walk->story, &walk->filter);
	free(program.filter);
}

/* ---- the tests ---- */

static void a_program_answers_as_the_table_says(void **state)
{
	static struct walk x86_64 = { .story = "x86-64", .architecture = AUDIT_ARCH_X86_64 };
	static struct walk arm64 = { .story = "arm64", .architecture = AUDIT_ARCH_AARCH64 };
	walk_program(&x86_64, false);
	walk_program(&arm64, false);
}

static void an_init_of_cgroup_v2_may_one_thing_more(void **state)
{
	static struct walk x86_64 = { .story = "x86-64, v2", .architecture = AUDIT_ARCH_X86_64 };
	static struct walk arm64 = { .story = "arm64, v2", .architecture = AUDIT_ARCH_AARCH64 };
	walk_program(&x86_64, true);
	walk_program(&arm64, true);
}

/* With both filters on it, a program under cgroup v2 has what it would have under v1. */
static void its_programs_may_not(void **state)
{
	static struct machine program_only = { .program = &filter_program_only };
	static struct walk both = { .story = "v2, both filters", .program_only = &program_only };
	both.architecture = seccomp_arch_native();
	walk_program(&both, true);
	check_coverage("the program's own filter", &program_only);
}

static void every_name_is_a_call_and_has_a_reason(void **state)
{
	for (size_t i = 0; i < filter_rule_count; i++) {
		char names[512], *save = NULL;
		snprintf(names, sizeof names, "%s", filter_rules[i].names);
		for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
			if (filter_call_number(AUDIT_ARCH_X86_64, name) < 0)
				fail_msg("%s is no call of x86-64", name);
		assert_true(filter_rules[i].reason && filter_rules[i].reason[0]);
	}
}

/* What is walked here is what boxes are given. */
static void the_build_has_these_programs(void **state)
{
	for (int v2 = 0; v2 < 2; v2++) {
		struct sock_fprog program;
		const struct sock_fprog *built = filter_program(v2);
		assert_int_equal(filter_generate(seccomp_arch_native(), v2, &program, NULL), 0);
		assert_int_equal(built->len, program.len);
		assert_memory_equal(built->filter, program.filter, program.len * sizeof *program.filter);
		free(program.filter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_build_has_these_programs),
		cmocka_unit_test(every_name_is_a_call_and_has_a_reason),
		cmocka_unit_test(a_program_answers_as_the_table_says),
		cmocka_unit_test(an_init_of_cgroup_v2_may_one_thing_more),
		cmocka_unit_test(its_programs_may_not),
	};
	return cmocka_run_group_tests_name("filter walk", tests, NULL, NULL);
}
