//! The plan's tokens as a shell script. It holds no secret: it is given them when it runs, on standard input, finds out which
//! of them are meant by their references, and sends those alone.

use std::fmt::Write;

use super::{Action, Plan};

const HEAD: &str = r"#!/bin/sh
# Revokes tokens at the revocation endpoint. Made by tokentrail; it holds no secret.
#
# Usage:  sh revoke.sh https://YOUR-DOMAIN.my.salesforce.com < secrets.txt
# where secrets.txt has one DeleteToken on each line, as an export of OauthToken shows them. Lines that the plan does not
# name are passed over. With DRY_RUN=1 nothing is sent.
set -eu
instance=${1:?say which organisation: https://YOUR-DOMAIN.my.salesforce.com}
wanted='
";

const TAIL: &str = r#"'
found=0
while IFS= read -r secret || [ -n "$secret" ]; do
    secret=$(printf '%s' "$secret" | tr -d '\r')
    [ -n "$secret" ] || continue
    reference=tok_$(printf 'tokentrail token reference 1\0%s' "$secret" | sha256sum | cut -c1-24)
    printf '%s' "$wanted" | grep -q -x -F "$reference" || continue
    found=$((found + 1))
    if [ -n "${DRY_RUN:-}" ]; then
        echo "would revoke $reference"
        continue
    fi
    # From standard input, so that no list of processes shows it.
    if printf '%s' "$secret" | curl --silent --show-error --fail --output /dev/null \
        --data-urlencode token@- "$instance/services/oauth2/revoke"; then
        echo "revoked $reference"
    else
        echo "NOT revoked $reference" >&2
    fi
done
echo "$found of $(printf '%s' "$wanted" | grep -c .) tokens of the plan were among the secrets"
"#;

/// The script for the tokens of a plan, in its order.
pub fn script(plan: &Plan) -> String {
    let mut text = HEAD.to_owned();
    let tokens =
        plan.steps.iter().filter(|step| step.action == Action::RevokeToken).filter_map(|step| step.token.as_deref());
    // References are hexadecimal; nothing else gets into a script.
    for token in tokens.filter(|token| token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')) {
        let _ = writeln!(text, "{token}");
    }
    text.push_str(TAIL);
    text
}
