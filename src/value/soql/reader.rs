//! Follows the clauses of a query, token by token, and keeps what they say.
//!
//! Nested parentheses are a stack of frames. What a token means is decided by the clause it stands in and by what is
//! wanted there: a keyword is a name where a name is wanted (`FROM Order`), and an alias may look like a keyword.

use super::frame::{Clause, Frame, Role, Want};
use super::keyword::Keyword;
use super::literal::{cut, unescape};
use super::shape::Shape;
use super::token::{Kind, Token, Tokens};
use super::{Fault, FieldSet, MAX_DEPTH, MAX_LITERALS, MAX_NAMES, Query, Unread};

/// Reads one text.
pub(super) struct Reader<'a> {
    tokens: Tokens<'a>,
    ahead: Option<Token<'a>>,
    /// The token before the current one, without stray characters.
    last: Option<Token<'a>>,
    /// The innermost frame, and those around it.
    frame: Frame,
    outer: Vec<Frame>,
    want: Want,
    shape: Shape,
    query: Query,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens = Tokens::new(text);
        let ahead = tokens.next();
        let (shape, query) = (Shape::new(text.len()), Query::default());
        Self { tokens, ahead, last: None, frame: Frame::TEXT, outer: Vec::new(), want: Want::More, shape, query }
    }

    pub(super) fn read(mut self) -> Query {
        while let Some(token) = self.ahead {
            if token.kind == Kind::Open && self.outer.len() == MAX_DEPTH {
                self.note(Fault::TooDeep, token.at);
                break;
            }
            self.ahead = self.tokens.next();
            self.take(token);
        }
        self.end();
        (self.query.shape, self.query.fingerprint) = self.shape.finish();
        self.query
    }

    fn take(&mut self, token: Token<'a>) {
        self.check(token);
        match token.kind {
            Kind::Stray => return self.shape.stray(),
            _ if self.frame.clause == Clause::Start => self.start(token),
            Kind::Word => self.word(token),
            Kind::Open => self.open(token),
            Kind::Close => self.close(token),
            Kind::Comma => {
                self.shape.comma();
                self.want = self.frame.item;
            }
            Kind::Dot => self.shape.dot(),
            Kind::Operator => {
                self.shape.operator(token.text);
                self.want = Want::Value;
            }
            Kind::Text | Kind::Term | Kind::Value => self.literal(token),
        }
        self.last = Some(token);
    }

    /// Names what is neither a name nor an alias where only these belong. It may be what follows a misspelt keyword.
    fn check(&mut self, token: Token<'a>) {
        if matches!(token.kind, Kind::Word | Kind::Stray) {
            return;
        }
        let is_list = self.frame.is_in(Clause::Fields) || self.frame.is_in(Clause::From);
        if self.frame.wants_object(self.want) {
            self.note(Fault::NoObject, token.at);
        } else if is_list && !matches!(token.kind, Kind::Open | Kind::Close | Kind::Comma | Kind::Dot) {
            self.note(Fault::UnexpectedCharacter, token.at);
        }
    }

    /// The first token says whether this is a query, a search or neither.
    fn start(&mut self, token: Token<'a>) {
        let keyword = if token.kind == Kind::Word { Keyword::of(token.text) } else { None };
        (self.frame.clause, self.want) = match keyword {
            Some(Keyword::Select) => (Clause::Fields, Want::Name),
            Some(Keyword::Find) => (Clause::Find, Want::Value),
            _ => {
                self.note(Fault::NotAQuery, token.at);
                self.frame.clause = Clause::Unknown;
                return self.take(token);
            }
        };
        self.shape.keyword(token.text);
    }

    fn word(&mut self, token: Token<'a>) {
        let keyword = Keyword::of(token.text);
        match keyword {
            Some(Keyword::Select) if self.follows(Kind::Open) && !self.frame.is_query => self.select(token),
            _ if self.follows(Kind::Dot) => self.shape.name(token.text),
            Some(keyword) if self.is_keyword(keyword) => self.keyword(keyword, token),
            _ => self.name(token, keyword),
        }
    }

    /// A sub-select begins in the parenthesis that was just opened.
    fn select(&mut self, token: Token<'a>) {
        let role = if self.frame.clause.is_select_list() { Role::Related } else { Role::Joined };
        self.frame = Frame { role, clause: Clause::Fields, is_query: true, item: Want::Name, ..self.frame };
        self.want = Want::Name;
        self.shape.keyword(token.text);
    }

    /// Whether a word that may be a keyword is one here.
    fn is_keyword(&self, keyword: Keyword) -> bool {
        let Frame { clause, is_query, .. } = self.frame;
        match (self.want, keyword) {
            // No field and no object has these names.
            (Want::Name | Want::Value, Keyword::From) => is_query && clause.is_select_list(),
            (Want::Name | Want::Value, Keyword::Where) => {
                is_query && (clause.is_select_list() || clause == Clause::From)
            }
            (Want::Name, Keyword::TypeOf) => self.frame.is_in(Clause::Fields),
            (Want::Name, Keyword::Not) => matches!(clause, Clause::Where | Clause::Having),
            (Want::Name, Keyword::Rollup) => clause == Clause::Group,
            (Want::Name, _) => false,
            (Want::Value, _) => keyword == Keyword::Constant,
            (Want::More, _) => self.is_keyword_after_name(keyword),
        }
    }

    /// Whether it is one after a name or a value. Some may be aliases as well; what follows tells.
    fn is_keyword_after_name(&self, keyword: Keyword) -> bool {
        let clause = self.frame.clause;
        match keyword {
            Keyword::Select | Keyword::Find | Keyword::TypeOf | Keyword::Moment => false,
            Keyword::Group | Keyword::Order => self.precedes(&[Keyword::By]),
            Keyword::All => self.precedes(&[Keyword::Rows]),
            Keyword::For => self.precedes(&[Keyword::Usage, Keyword::Update]),
            Keyword::Update => clause == Clause::Tail || self.precedes(&[Keyword::Usage]),
            Keyword::Offset => self.ahead.is_some_and(|next| matches!(next.kind, Kind::Value | Kind::Text)),
            Keyword::Returning => clause == Clause::Find,
            Keyword::When | Keyword::Then | Keyword::Else | Keyword::End => clause == Clause::TypeOf,
            Keyword::By => matches!(clause, Clause::Group | Clause::Order),
            Keyword::Rows | Keyword::Usage => clause == Clause::Tail,
            Keyword::Plain | Keyword::Rollup | Keyword::Constant => !clause.is_select_list() && clause != Clause::From,
            _ => true,
        }
    }

    fn keyword(&mut self, keyword: Keyword, token: Token<'a>) {
        if keyword == Keyword::TypeOf {
            self.begin_item();
        }
        self.shape.keyword(token.text);
        if let Some(clause) = Clause::begun_by(keyword) {
            return self.enter(clause, token);
        }
        match keyword {
            Keyword::TypeOf => self.frame.clause = Clause::TypeOf,
            Keyword::End => self.frame.clause = Clause::Fields,
            _ => {}
        }
        self.want = match keyword {
            Keyword::By | Keyword::Join | Keyword::TypeOf | Keyword::When | Keyword::Then | Keyword::Else => Want::Name,
            Keyword::Not => self.want,
            Keyword::Compare => Want::Value,
            _ => Want::More,
        };
    }

    /// Goes on to the clause that a keyword begins, unless the keyword has no place here.
    fn enter(&mut self, clause: Clause, token: Token<'a>) {
        let before = self.frame.clause;
        let misplaced = !self.frame.is_query
            || matches!(before, Clause::Unknown | Clause::TypeOf)
            || (clause == Clause::From && before != Clause::Fields);
        let nothing_selected = clause == Clause::From && self.want != Want::More;
        if misplaced || nothing_selected {
            self.note(Fault::UnexpectedWord, token.at);
        }
        // A `TYPEOF` without `END` is no reason to miss the objects.
        if misplaced && !self.frame.is_in(Clause::TypeOf) {
            self.want = Want::More;
            return;
        }
        if clause != Clause::From && self.frame.lacks_object(self.want) {
            self.note(Fault::NoObject, token.at);
        }
        self.query.filtered |= clause == Clause::Where && self.frame.is_main();
        self.frame.clause = clause;
        self.want = clause.wants();
    }

    /// A word that is no keyword here: a name, a value or an alias.
    fn name(&mut self, token: Token<'a>, keyword: Option<Keyword>) {
        let want = self.want;
        if want == Want::Value && (keyword == Some(Keyword::Moment) || is_money(token.text)) {
            self.shape.literal();
        } else if self.frame.clause == Clause::Find {
            self.shape.keyword(token.text);
        } else {
            self.shape.name(token.text);
        }
        match want {
            Want::Name if self.frame.wants_object(want) => self.object(token),
            Want::Name => self.field(token, keyword),
            Want::More if !self.frame.takes_more_words() || keyword == Some(Keyword::Select) => {
                self.note(Fault::UnexpectedWord, token.at);
            }
            _ => {}
        }
        self.want = Want::More;
    }

    fn field(&mut self, token: Token<'a>, keyword: Option<Keyword>) {
        self.begin_item();
        if !self.frame.is_field_set {
            return;
        }
        let set = match keyword {
            Some(Keyword::All) => FieldSet::All,
            _ if token.text.eq_ignore_ascii_case("STANDARD") => FieldSet::Standard,
            _ if token.text.eq_ignore_ascii_case("CUSTOM") => FieldSet::Custom,
            _ => return self.note(Fault::UnexpectedWord, token.at),
        };
        let both = self.query.fields.is_some_and(|other| other != set);
        self.query.fields = Some(if both { FieldSet::All } else { set });
    }

    /// A name after `FROM` or `RETURNING`. Before a dot stands an object, or an alias if it is not the first name.
    fn object(&mut self, token: Token<'a>) {
        let related = self.frame.role == Role::Related;
        let first = !self.follows(Kind::Comma);
        let (object, relationship) = match token.text.split_once('.') {
            Some((object, relationship)) => (Some(object).filter(|_| first && !related), Some(relationship)),
            None if related => (None, Some(token.text)),
            None => (Some(token.text), None),
        };
        let main = first && self.frame.role == Role::Main && self.frame.clause == Clause::From;
        let kept = object.is_none_or(|name| add(&mut self.query.objects, name, main))
            & relationship.is_none_or(|name| add(&mut self.query.relationships, name, false));
        if !kept {
            self.note(Fault::TooManyObjects, token.at);
        }
    }

    fn literal(&mut self, token: Token<'a>) {
        self.begin_item();
        if token.kind == Kind::Term {
            self.shape.term();
        } else {
            self.shape.literal();
        }
        let sought = matches!(self.frame.clause, Clause::Where | Clause::Find);
        if token.kind == Kind::Value {
            self.number(token);
        } else if sought && self.query.literals.len() < MAX_LITERALS {
            self.query.literals.push(unescape(token.text));
        }
        self.want = Want::More;
    }

    /// Keeps how many rows the main query asks for.
    fn number(&mut self, token: Token<'a>) {
        if self.want != Want::Value || !self.outer.is_empty() {
            return;
        }
        match self.frame.clause {
            Clause::Limit => self.query.limit = token.text.parse().ok(),
            Clause::Offset => self.query.offset = token.text.parse().ok(),
            _ => {}
        }
    }

    fn open(&mut self, token: Token<'a>) {
        self.begin_item();
        self.shape.open();
        let inside = if self.frame.is_in(Clause::Returning) {
            Frame { at: token.at, role: Role::Returned, clause: Clause::Fields, ..self.frame }
        } else {
            let item = if self.want == Want::Value { Want::Value } else { Want::Name };
            let in_main_list = self.frame.clause == Clause::Fields && self.frame.is_main();
            self.query.counts |= in_main_list && self.follows_word("COUNT");
            let is_field_set = in_main_list && self.follows_word("FIELDS");
            Frame { at: token.at, is_query: false, item, is_field_set, ..self.frame }
        };
        self.want = inside.item;
        self.outer.push(std::mem::replace(&mut self.frame, inside));
    }

    fn close(&mut self, token: Token<'a>) {
        self.shape.close();
        match self.outer.pop() {
            Some(outer) => {
                if self.frame.lacks_object(self.want) {
                    self.note(Fault::NoObject, token.at);
                }
                self.frame = outer;
            }
            None => self.note(Fault::StrayParenthesis, token.at),
        }
        self.want = Want::More;
    }

    /// Names what is missing at the end of the text, if all before it could be read.
    fn end(&mut self) {
        let noted = [self.query.unread, self.tokens.unread].into_iter().flatten().min_by_key(|unread| unread.at);
        let length = self.tokens.length();
        let outermost = if self.outer.len() > 1 { self.outer[1].at } else { self.frame.at };
        let missing = match self.frame.clause {
            Clause::Start => Some((Fault::NotAQuery, length)),
            _ if !self.outer.is_empty() => Some((Fault::UnclosedParenthesis, outermost)),
            _ if self.frame.lacks_object(self.want) => Some((Fault::NoObject, length)),
            _ if self.want != Want::More => Some((Fault::CutOff, length)),
            _ => None,
        };
        self.query.unread = noted.or(missing.map(|(what, at)| Unread { what, at }));
    }

    fn note(&mut self, what: Fault, at: usize) {
        self.query.unread.get_or_insert(Unread { what, at });
    }

    /// Counts what begins here if it is an item of the main select list.
    fn begin_item(&mut self) {
        let begins = self.want == Want::Name && self.frame.is_in(Clause::Fields);
        self.query.columns = self.query.columns.saturating_add(u32::from(begins && self.frame.is_main()));
    }

    fn follows(&self, kind: Kind) -> bool {
        self.last.is_some_and(|last| last.kind == kind)
    }

    fn follows_word(&self, word: &str) -> bool {
        self.last.is_some_and(|last| last.kind == Kind::Word && last.text.eq_ignore_ascii_case(word))
    }

    fn precedes(&self, keywords: &[Keyword]) -> bool {
        let next = self.ahead.filter(|next| next.kind == Kind::Word).and_then(|next| Keyword::of(next.text));
        next.is_some_and(|next| keywords.contains(&next))
    }
}

/// Whether a word is an amount of a currency: `USD5000`, `EUR12.50`.
fn is_money(word: &str) -> bool {
    word.split_at_checked(3).is_some_and(|(currency, amount)| {
        currency.bytes().all(|letter| letter.is_ascii_alphabetic())
            && amount.starts_with(|digit: char| digit.is_ascii_digit())
            && amount.bytes().all(|digit| digit.is_ascii_digit() || digit == b'.')
    })
}

/// Adds a name that is not there yet; the main object goes to the front. Says whether there was room.
fn add(names: &mut Vec<String>, name: &str, main: bool) -> bool {
    let name = cut(name);
    let known = names.iter().position(|other| other.eq_ignore_ascii_case(name));
    match known {
        Some(place) if main => names[..=place].rotate_right(1),
        Some(_) => {}
        None if main => names.insert(0, name.to_owned()),
        None if names.len() < MAX_NAMES => names.push(name.to_owned()),
        None => return false,
    }
    let room = names.len() <= MAX_NAMES;
    names.truncate(MAX_NAMES);
    room
}
