//! Figures as SVG: what happened when, in lanes. Drawn with plotters, in a few colours that the page's style may change for
//! light and dark; what is foreign is darker and marked, so that it is seen in black and white, too.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, IntoTextStyle, RGBColor, ShapeStyle};

use super::document::{Drawing, Figure, Lane, TimeSpan, Tone, grouped};
use crate::finding::Severity;
use crate::value::Time;
use crate::value::time::{DAY, HOUR, SECOND};
use crate::words::visible;

const INK: RGBColor = RGBColor(0x1b, 0x24, 0x30);
const MUTED: RGBColor = RGBColor(0x52, 0x5f, 0x6f);
const BAR: RGBColor = RGBColor(0x8f, 0xab, 0xc9);
const BAD: RGBColor = RGBColor(0x9c, 0x23, 0x0b);
const LINE: RGBColor = RGBColor(0xd5, 0xdc, 0xe5);

const WIDTH: i32 = 960;
/// Where time begins, and where it ends; labels stand at the left, amounts at the right.
const LEFT: i32 = 270;
const RIGHT: i32 = 870;
const TOP: i32 = 22;
const LANE: i32 = 30;
const BAR_HEIGHT: i32 = 22;
const SPAN: i32 = 22;
const AXIS: i32 = 30;
/// So wide are labels at most, in tenths of a letter of usual width.
const LABEL: u32 = 400;
const FONT: i32 = 12;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws a figure.
///
/// # Panics
/// Never: writing into memory does not fail.
pub fn svg(figure: &Figure) -> String {
    let (lanes, height) = match &figure.drawing {
        Drawing::Spans { spans } => (spans.len(), SPAN),
        Drawing::Lanes { lanes, .. } => (lanes.len(), LANE),
    };
    let bottom = TOP + height * i32::try_from(lanes).unwrap_or(0);
    let mut text = String::new();
    let size = (WIDTH.unsigned_abs(), (bottom + AXIS).unsigned_abs());
    let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
    let paper = Paper { area, from: figure.from, until: figure.until, bottom };
    paper.draw(&figure.drawing).expect("writing into memory does not fail");
    drop(paper);
    text
}

/// Where to draw, and which time is where.
struct Paper<'a> {
    area: Area<'a>,
    from: Time,
    until: Time,
    bottom: i32,
}

impl Paper<'_> {
    fn draw(&self, drawing: &Drawing) -> Drawn {
        self.axis()?;
        match drawing {
            Drawing::Spans { spans } => {
                for (number, span) in (0..).zip(spans) {
                    self.span(TOP + number * SPAN, span)?;
                }
            }
            Drawing::Lanes { unit, step, judged_from, lanes } => {
                self.text((RIGHT + 8, TOP - 6), &format!("most {unit}"), HPos::Left, MUTED)?;
                for (number, lane) in (0..).zip(lanes) {
                    self.lane(TOP + number * LANE, lane, *step)?;
                }
                if let Some(time) = judged_from {
                    self.judged_from(*time)?;
                }
            }
        }
        Ok(self.area.present()?)
    }

    fn x(&self, time: Time) -> i32 {
        let whole = (self.until.0 - self.from.0).max(1);
        let part = i128::from(time.0 - self.from.0) * i128::from(RIGHT - LEFT) / i128::from(whole);
        LEFT + i32::try_from(part).unwrap_or(0).clamp(0, RIGHT - LEFT)
    }

    fn text(&self, at: (i32, i32), text: &str, side: HPos, colour: RGBColor) -> Drawn {
        let style = ("sans-serif", FONT).into_font().into_text_style(&self.area).color(&colour);
        Ok(self.area.draw(&Text::new(text.to_owned(), at, style.pos(Pos::new(side, VPos::Center))))?)
    }

    fn line(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Drawn {
        Ok(self.area.draw(&PathElement::new(vec![from, to], ShapeStyle::from(&colour)))?)
    }

    fn bar(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Drawn {
        Ok(self.area.draw(&Rectangle::new([from, to], colour.filled()))?)
    }

    /// Times below, with a thin line up from each.
    fn axis(&self) -> Drawn {
        self.line((LEFT, self.bottom), (RIGHT, self.bottom), MUTED)?;
        for time in ticks(self.from, self.until) {
            let x = self.x(time);
            self.line((x, TOP), (x, self.bottom), LINE)?;
            self.line((x, self.bottom), (x, self.bottom + 4), MUTED)?;
            self.text((x, self.bottom + 14), &tick(time, self.until.0 - self.from.0), HPos::Center, MUTED)?;
        }
        self.text((8, self.bottom + 14), "UTC", HPos::Left, MUTED)
    }

    /// The lane's bars, each as high as its part of the lane's greatest.
    fn lane(&self, top: i32, lane: &Lane, step: i64) -> Drawn {
        let is_bad = lane.tone == Tone::Bad;
        let colour = if is_bad { BAD } else { BAR };
        let mark = if is_bad { "▲ " } else { "" };
        let (bottom, most) = (top + LANE - 4, lane.amounts.iter().copied().max().unwrap_or(0).max(1));
        self.text((8, bottom - BAR_HEIGHT / 2), &format!("{mark}{}", label(&lane.label)), HPos::Left, INK)?;
        self.line((LEFT, bottom), (RIGHT, bottom), LINE)?;
        for (part, amount) in (0..).zip(&lane.amounts).filter(|(_, amount)| **amount > 0) {
            let (from, until) = (Time(self.from.0 + part * step), Time(self.from.0 + (part + 1) * step));
            let height = i32::try_from(u128::from(*amount) * 22 / u128::from(most)).unwrap_or(BAR_HEIGHT).max(2);
            let from = self.x(from);
            self.bar((from, bottom - height), (self.x(until).max(from + 2), bottom), colour)?;
        }
        let most = grouped(i64::try_from(most).unwrap_or(i64::MAX));
        self.text((RIGHT + 8, bottom - BAR_HEIGHT / 2), &most, HPos::Left, MUTED)
    }

    /// A dashed line between what was usual and what is judged.
    fn judged_from(&self, time: Time) -> Drawn {
        let x = self.x(time);
        for dash in (TOP - 16..self.bottom).step_by(8) {
            self.line((x, dash), (x, (dash + 5).min(self.bottom)), INK)?;
        }
        self.text((x - 6, TOP - 12), "before", HPos::Right, INK)?;
        self.text((x + 6, TOP - 12), "judged", HPos::Left, INK)
    }

    /// A bar that is the higher the graver, and filled from medium on.
    fn span(&self, top: i32, span: &TimeSpan) -> Drawn {
        let (colour, half) = match span.severity {
            Severity::Critical => (BAD, 9),
            Severity::High => (BAD, 7),
            Severity::Medium => (BAR, 6),
            Severity::Low | Severity::Info => (MUTED, 4),
        };
        let is_filled = span.severity >= Severity::Medium;
        let middle = top + SPAN / 2;
        self.line((LEFT, middle), (RIGHT, middle), LINE)?;
        let from = self.x(span.from).min(RIGHT - 4);
        let corners = [(from, middle - half), (self.x(span.until).max(from + 4), middle + half)];
        let style = if is_filled { colour.filled() } else { ShapeStyle::from(&colour) };
        self.area.draw(&Rectangle::new(corners, style))?;
        self.text((8, middle), &label(&span.label), HPos::Left, INK)?;
        self.text((RIGHT + 8, middle), span.severity.word(), HPos::Left, MUTED)
    }
}

/// As much of a text as there is room for, by what letters are wide: no font is at hand to measure them.
fn label(text: &str) -> String {
    let mut room = LABEL;
    let text = visible(text);
    let end = text.char_indices().find(|(_, letter)| match room.checked_sub(width(*letter)) {
        Some(left) => {
            room = left;
            false
        }
        None => true,
    });
    end.map_or_else(|| text.clone(), |(end, _)| format!("{}…", &text[..end]))
}

/// How wide a letter is in common fonts without serifs, in tenths of a usual one.
fn width(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' => 5,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '-' | '/' | 'I' => 7,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 16,
        'A'..='Z' => 12,
        ' '..='~' => 10,
        // Ideographs and symbols.
        _ => 20,
    }
}

/// Round times, eight at most.
fn ticks(from: Time, until: Time) -> Vec<Time> {
    const MINUTE: i64 = 60 * SECOND;
    const STEPS: [i64; 13] = [
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        28 * DAY,
        91 * DAY,
    ];
    let span = (until.0 - from.0).max(1);
    let step = STEPS.into_iter().find(|step| span / step <= 7).unwrap_or(364 * DAY);
    let first = from.0.div_euclid(step) + i64::from(from.0.rem_euclid(step) != 0);
    (first..=until.0.div_euclid(step)).map(|number| Time(number * step)).collect()
}

fn tick(time: Time, span: i64) -> String {
    let text = time.to_string();
    let part = if span > 8 * DAY { text.get(..10) } else { text.get(5..16) };
    part.unwrap_or(&text).replace('T', " ")
}
