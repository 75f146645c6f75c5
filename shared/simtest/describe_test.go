package simtest

import (
	"fmt"
	"strings"

	"keyturn/shared/syncproto"
)

// describe writes frames for people: "push 3-5" or "page (0,12] of field".
func describe(frames ...syncproto.Frame) string {
	if len(frames) == 0 {
		return "nothing"
	}
	list := make([]string, len(frames))
	for i, f := range frames {
		list[i] = describeOne(f)
	}
	return strings.Join(list, ", ")
}

func describeOne(f syncproto.Frame) string {
	switch f := f.(type) {
	case *syncproto.Hello:
		return fmt.Sprintf("hello (waits from %d;%s)", f.NextSeq, describeCursors(f.Cursors))
	case *syncproto.Welcome:
		return fmt.Sprintf("welcome to %q (expects %d, %d scopes)", f.Epoch, f.NextSeq, len(f.Scopes))
	case *syncproto.Push:
		return fmt.Sprintf("push %d-%d", f.Ops[0].Seq, f.Ops[len(f.Ops)-1].Seq)
	case *syncproto.Answers:
		return "answers" + describeAnswers(f)
	case *syncproto.Pull:
		return fmt.Sprintf("pull %s after %d of %q", scopeName(f.Scope), f.After, f.Epoch)
	case *syncproto.Page:
		return fmt.Sprintf("page (%d,%d] of %s, %q to %d", f.PrevSeq, f.LastSeq, scopeName(f.Scope), f.Epoch, f.Head)
	case *syncproto.Snapshot:
		return fmt.Sprintf("snapshot of %s at %d of %q", scopeName(f.Scope), f.Seq, f.Epoch)
	case *syncproto.ScopeAdd:
		return "scope added: " + scopeName(f.Head.Scope)
	case *syncproto.ScopeDrop:
		return "scope dropped: " + scopeName(f.Scope)
	case *syncproto.Error:
		return fmt.Sprintf("error %s", f.Code)
	default:
		return fmt.Sprintf("frame %d", f.FrameType())
	}
}

func describeCursors(cursors []syncproto.Cursor) string {
	text := ""
	for _, c := range cursors {
		text += fmt.Sprintf(" %s %d", scopeName(c.Scope), c.Seq)
		if c.Epoch != cursors[0].Epoch {
			text += " of " + c.Epoch
		}
	}
	if len(cursors) > 0 {
		text += " of " + cursors[0].Epoch
	}
	return text
}

func describeAnswers(f *syncproto.Answers) string {
	var b strings.Builder
	for _, a := range f.Answers {
		fmt.Fprintf(&b, " %d:%s", a.Seq, [...]string{"?", "applied", "dup", "rejected", "conflict", "quarantined"}[min(int(a.Status), 5)])
		if a.Code != "" {
			fmt.Fprintf(&b, "(%s)", a.Code)
		}
		if a.LogSeq != 0 {
			fmt.Fprintf(&b, "@%d", a.LogSeq)
		}
	}
	if f.Code != "" {
		fmt.Fprintf(&b, " %s, expects %d", f.Code, f.NextSeq)
	}
	return b.String()
}

// scopeName is "first field".
func scopeName(s syncproto.Scope) string {
	for i, p := range projects {
		if p == s.Project {
			return fmt.Sprintf("%d/%s", i, s.Audience)
		}
	}
	return s.String()
}
