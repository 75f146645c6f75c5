// Package field holds the view models of the inspector's tablet: a State of
// plain data for each screen and methods named after what the person does. It
// knows neither Fyne nor the device's database; what it needs of the device it
// asks through the small interfaces of device.go, which package oncore
// implements on an app core.
//
// All work of a [Session] happens on one goroutine in the order of the taps, so
// that what a tap means is durable before the next screen shows. States carry
// texts rendered for the reader; captions that never change are keys that the
// drawing side renders through [Session.Text].
package field
