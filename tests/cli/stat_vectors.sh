#!/usr/bin/env bash
# `sori stat` against tables computed elsewhere with R. They are no part of this repository: $SORI_STATS_VECTORS names their
# folder, else ../shared/stats beside the source tree; without one the test says `skipped`.
#
#   stat_vectors.sh SORI
set -u
program=$(realpath "$1") || exit 2
vectors=${SORI_STATS_VECTORS:-$(cd "$(dirname "$0")/../.." && pwd)/../shared/stats}
[ -x "$vectors/compare" ] || { echo "skipped: no vectors in $vectors"; exit 0; }
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
good=0 bad=0

check() { # method, input, expected, keys, options of stat (one word each, until --), columns with tolerances
    local method=$1 input=$2 expected=$3 keys=$4 options=()
    shift 4
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    if "$program" stat "$method" --quiet "${options[@]}" <"$vectors/$input" >"$box/got.csv" 2>"$box/err" &&
        "$vectors/compare" "$expected" "$box/got.csv" "$keys" "$@" >"$box/report"; then
        good=$((good + 1))
        echo "ok   $method ${options[*]:+(${options[*]##*/})}"
    else
        bad=$((bad + 1))
        echo "FAIL $method"
        grep -v '^ok' "$box/report"
        cat "$box/err"
    fi
}
single() { local method=$1 file=$2 keys=$3; shift 3; check "$method" "$file" "$vectors/$file" "$keys" -- "$@"; }
pair() { local method=$1 name=$2 keys=$3; shift 3; check "$method" "${name}_input.csv" "$vectors/${name}_expected.csv" "$keys" "$@"; }

single special-functions special_functions.csv id value=rel:1e-10
single wilson wilson.csv id --default abs:1e-12
single newcombe newcombe.csv id --default abs:1e-12
single rate-ratio rate_ratio.csv id --default rel:1e-9
single keyness keyness.csv id --default rel:1e-9+abs:1e-9
single log-odds logodds_dirichlet.csv term,alpha0 --default rel:1e-10
single bh bh.csv set,idx --default abs:1e-12
pair ab-daily ab_daily cat -- --default rel:1e-6+abs:1e-9
pair strata strata set -- --default rel:1e-9
pair ears ears series,method,baseline,minSigma,alpha,t --spec "$vectors/ears_expected.csv" -- upper=abs:1e-9 alarm=exact
grep -v weekly_delta_optional "$vectors/farrington_expected.csv" >"$box/farrington.csv"
awk -F, 'NR == 1 || $14 != 1' "$box/farrington.csv" >"$box/inner.csv"
check farrington farrington_input.csv "$box/farrington.csv" series,config,t --spec "$box/farrington.csv" -- y n trend_used \
    mu=rel:1e-5+abs:1e-6 phi=rel:1e-5+abs:1e-6 p_exceed=abs:1e-5 trend_coef=rel:1e-5+abs:1e-6 score=rel:1e-5+abs:1e-6
check farrington farrington_input.csv "$box/inner.csv" series,config,t --spec "$box/farrington.csv" -- upper=exact alarm=exact
its=(--spec "$vectors/its_expected_fit.csv" --horizons "$vectors/its_expected_effect.csv")
check its its_input.csv "$vectors/its_expected_coef.csv" series,term "${its[@]}" --print coef -- coef=abs:1e-6 se_quasi=rel:1e-5 \
    lo_quasi=rel:1e-5+abs:1e-6 hi_quasi=rel:1e-5+abs:1e-6 se_nw=rel:1e-4 lo_nw=rel:1e-4+abs:1e-6 hi_nw=rel:1e-4+abs:1e-6 \
    p_quasi=rel:1e-4 p_nw=rel:1e-3
check its its_input.csv "$vectors/its_expected_fit.csv" series "${its[@]}" --print fit -- --default rel:1e-6
check its its_input.csv "$vectors/its_expected_effect.csv" series,h_after_T0 "${its[@]}" --print effect -- --default rel:1e-5
pair season season series -- peak_week_mod=abs:0.01 trough_week_mod=abs:0.01 F=rel:1e-6 p=rel:1e-6 df1 df2 b0=abs:1e-6 \
    b_t=abs:1e-6 sin1=abs:1e-6 cos1=abs:1e-6 sin2=abs:1e-6 cos2=abs:1e-6 dispersion dev_null dev_full peak_to_trough
pair drivers drivers cat -- --default rel:1e-6 logit_b=abs:1e-6 logit_se=rel:1e-5 ols_b=abs:1e-6 ols_se=rel:1e-5 rd rd_lo rd_hi rr \
    paf_crude mean_with mean_without impact_mean ame adj_excess_low paf_adj n_with low_with n_without low_without
check suppression-audit suppression_input.csv "$vectors/suppression_audit_expected.csv" set,row,col -- --default exact

echo "$good right, $bad wrong"
[ "$bad" -eq 0 ] && [ "$good" -eq 18 ]
