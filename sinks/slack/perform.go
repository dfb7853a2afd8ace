package slack

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/ppmrelay/ppmrelay/sinks"
)

const (
	eventType = "ppmrelay_effect" // of a message's metadata
	maxEvents = 50                // event ids in the metadata; the size that Slack takes is not published
)

// Perform posts the message once. An answer that names no time stamp is no success, whatever else it says.
func (s *Sink) Perform(ctx context.Context, effect sinks.Effect) (sinks.Receipt, error) {
	frozen, err := thaw(effect)
	if err != nil {
		return "", err
	}
	answer, err := s.client.call(ctx, func(ctx context.Context, api *slack.Client) error {
		_, _, err := api.PostMessageContext(ctx, s.channel, options(frozen, effect)...)
		return err
	})
	if err == nil && answer.TS == "" {
		err = sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "the answer names no message")
	}
	if err != nil {
		failure := s.client.wrap("posting to "+s.channel, err)
		if failure.Class == sinks.Wait {
			failure.After = s.client.hold(failure.After)
		}
		return "", failure
	}
	s.client.posted()
	return s.receipt(answer.TS), nil
}

func (s *Sink) receipt(ts string) sinks.Receipt { return sinks.Receipt(s.channel + " " + ts) }

// options are the arguments of chat.postMessage. Links are not unfolded and names are not linked, in any form.
func options(frozen message, effect sinks.Effect) []slack.MsgOption {
	always := []slack.MsgOption{
		slack.MsgOptionParse(false),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	}
	if len(frozen.Blocks) == 0 {
		// The simplest form there is: no blocks and no metadata, as these are what can be refused. So the id by which
		// Recall finds the message stands where people see it, too.
		text := frozen.Text + fmt.Sprintf(reference, effect.ID)
		return append(always, slack.MsgOptionText(text, false), slack.MsgOptionDisableMarkdown())
	}
	return append(always,
		slack.MsgOptionText(frozen.Text, false),
		slack.MsgOptionBlocks(blocks(frozen.Blocks, marker(effect))...),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{
			"effect_id": effect.ID,
			"event_ids": effect.Events[:min(len(effect.Events), maxEvents)],
		}}),
	)
}

// marker is the block id of an effect's first block.
func marker(effect sinks.Effect) string { return "ppm:" + effect.ID }

// blocks makes Slack's blocks. The first one carries the id.
func blocks(parts []part, id string) []slack.Block {
	made := make([]slack.Block, len(parts))
	for i, p := range parts {
		text := slack.NewTextBlockObject(slack.MarkdownType, p.Text, false, true) // verbatim: @here rings nobody
		switch p.Kind {
		case divider:
			made[i] = slack.NewDividerBlock()
		case small:
			made[i] = slack.NewContextBlock(id, text)
		default:
			made[i] = slack.NewSectionBlock(text, nil, nil, slack.SectionBlockOptionBlockID(id))
		}
		id = ""
	}
	return made
}
