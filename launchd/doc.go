// Package launchd keeps sovmeter running on a Mac: it installs the daemon as a
// launchd job, steers that job, and runs the daemon's work under the system's
// service manager.
//
// # The job
//
// A [Service] writes one property list, /Library/LaunchDaemons/LABEL.plist, and
// tells launchd about it with launchctl's present-day verbs:
//
//	install     write the property list, bootstrap system PLIST
//	uninstall   bootout system/LABEL, remove the property list
//	start       bootstrap, or kickstart when it is loaded already
//	stop        bootout; the job comes back at the next boot or start
//	restart     kickstart -k, or bootstrap when it is not loaded
//	status      print system/LABEL
//
// Only launchctl's exit codes are read. Apple does not promise the text of
// "launchctl print" and it changes between releases, so what a code cannot say
// (whether the process is alive this second) is not claimed either.
//
// Every verb may be repeated. Installing twice changes nothing, or replaces the
// property list and reloads it when the binary or the config moved; stopping or
// uninstalling what is not there says so and succeeds. What was done is told
// through [Service.Report], step by step.
//
// The job has KeepAlive: when the daemon ends, for whatever reason, launchd
// starts it again after 30 s. A stop gives it 15 s to close its store. Its log
// is /Library/Logs/sovmeter/sovmeter.log, readable by root and its group only.
// launchd does not rotate that file.
//
// # What kardianos/service does here
//
// [RunUnderService] runs the daemon through kardianos/service, which knows when
// a process was started by launchd, systemd or another manager
// ([Interactive]) and gives the same entry and exit on each. Its own Install,
// Start and Stop are not used: it drives launchctl's deprecated load and
// unload, creates the property list before it has rendered it (so that a
// failure leaves an empty one behind), refuses to install twice, and reads the
// text that launchctl prints. By default its Run also waits for a signal alone,
// so a daemon whose work has died would stay alive and silent; RunWait is set
// so that Run returns as soon as the work does.
//
// # Limits
//
// All of it was tested against a stand-in for launchctl that follows Apple's
// manual page and the exit codes people report, not on a Mac.
package launchd
