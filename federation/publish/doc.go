// Package publish writes a published calendar as a web page and as iCalendar. It is pure:
// what is written is a function of its arguments. Which calendar is published, to whom and
// in how much detail others decide; what is handed over is what everybody may read.
package publish
