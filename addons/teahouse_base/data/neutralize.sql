-- A copy of a database must reach nobody: no SMS, no messages by WeChat.
UPDATE teahouse_platform_app SET active = false;
UPDATE teahouse_sms_account SET active = false;
UPDATE teahouse_notification SET state = 'expired' WHERE state = 'queued';
